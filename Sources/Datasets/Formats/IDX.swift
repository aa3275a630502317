internal import Configuration
internal import Diagnostics

/// Pairs of IDX files: the samples, and a class or real numbers for each.
struct IDX: DescribedFormat {
  static let record = Record(
    "idx",
    keys: [
      Key("training", .record(FilePair.record("training")), help: "the files to learn from"),
      Key(
        "test", .record(FilePair.record("test")), default: .absent,
        help: "the files to be tested with"),
      Key(
        "channels", .choice(["last", "none"]), default: "last",
        help: "last: arrays of two dimensions are grey images; none: samples stay as they are"),
    ],
    help: "Files in the format of MNIST, packed by gzip or not.")

  let files: [String]
  private let training: FilePair
  private let test: FilePair?
  private let classes: [String]?
  private let channels: ChannelPlace

  init(_ settings: Settings, folder: String) throws(Failure) {
    try self.init(
      training: FilePair(settings.section("training"), folder),
      test: settings.optionalSection("test").map { section throws(Failure) in
        try FilePair(section, folder)
      }, channels: settings.choice("channels"))
  }

  init(
    training: FilePair, test: FilePair?, classes: [String]? = nil, channels: ChannelPlace = .last
  ) {
    self.channels = channels
    self.training = training
    self.test = test
    self.classes = classes
    files = training.files + (test?.files ?? [])
  }

  func open(
    _ coding: FileCoding
  ) throws(Failure) -> (training: any SampleReader, test: (any SampleReader)?) {
    let known = coding.known?.coding.number
    let first = try Reader(training, classes: classes, channels, as: known)
    return (
      first,
      try test.map { pair throws(Failure) in
        try Reader(pair, classes: classes, channels, as: known ?? first.number)
      }
    )
  }

  private final class Reader: SampleReader {
    private let pair: FilePair
    private let samples: IDXSamples
    private let answers: IDXFile?
    let targets: TargetKind
    let number: Dataset.Number

    /// Numbers become those of `wanted` where they can.
    init(
      _ pair: FilePair, classes: [String]?, _ channels: ChannelPlace, as wanted: Dataset.Number?
    ) throws(Failure) {
      self.pair = pair
      samples = try IDXSamples(pair.samples, channels)
      number = samples.number.read(as: wanted)
      guard let name = pair.answers else {
        (answers, targets) = (nil, .none)
        return
      }
      let answers = try IDXFile(name)
      guard samples.count == answers.shape[0] else {
        throw answers.stream.damaged(
          "holds \(answers.shape[0].grouped) \(pair.noun), but "
            + "'\(pair.samples)' holds \(samples.count.grouped) samples")
      }
      guard let shape = pair.answerShape(Array(answers.shape.dropFirst())) else {
        throw answers.stream.damaged(
          "holds \(answers.shape.text) \(pair.noun), expected at most 3 dimensions a sample")
      }
      guard !pair.isLabelled || answers.type.isInteger else {
        throw answers.stream.damaged("expected integers for classes, found real numbers")
      }
      targets = pair.isLabelled ? .classes(names: classes, shape: shape) : .values(shape: shape)
      self.answers = answers
    }

    var count: Int { samples.count }
    var shape: [Int] { samples.shape }
    var targetSource: String { answers?.stream.path ?? pair.samples }

    func read(
      _ count: Int, samples target: UnsafeMutableRawBufferPointer,
      targets answer: UnsafeMutableRawBufferPointer
    ) throws(Failure) {
      try unsafe samples.read(count, as: number, into: target)
      guard let answers else { return }
      let size = count * targets.perSample
      if pair.isLabelled {
        let labels = unsafe answer.assumingMemoryBound(to: Int32.self)
        try answers.read(size) { unsafe labels[$0] = pair.label(Int64($1)) }
      } else {
        try unsafe answers.readReals(size, into: answer, allowsNaN: true)
      }
    }

    func finish() throws(Failure) {
      try samples.finish()
      try answers?.finish()
    }
  }
}

/// The samples in an IDX file.
struct IDXSamples {
  private let file: IDXFile
  let shape: [Int]

  init(_ path: String, _ channels: ChannelPlace = .last) throws(Failure) {
    file = try IDXFile(path)
    shape = channels.sampleShape(Array(file.shape.dropFirst()))
  }

  var count: Int { file.shape[0] }

  var number: Dataset.Number {
    file.type == .ubyte ? .uint8 : file.type.isInteger ? .int32 : .float32
  }

  func read(
    _ count: Int, as number: Dataset.Number, into target: UnsafeMutableRawBufferPointer
  ) throws(Failure) {
    switch number {
    case .uint8: try unsafe file.read(target)
    case .int32:
      let numbers = unsafe target.assumingMemoryBound(to: Int32.self)
      try file.read(count * shape.reduce(1, *)) { unsafe numbers[$0] = Int32($1) }
    case .float32: try unsafe file.readReals(count * shape.reduce(1, *), into: target)
    }
  }

  func finish() throws(Failure) { try file.finish() }
}

extension IDXFile {
  /// Reads numbers of any type, which must be finite, or NaN where targets may be ignored.
  fileprivate func readReals(
    _ count: Int, into target: UnsafeMutableRawBufferPointer, allowsNaN: Bool = false
  ) throws(Failure) {
    let numbers = unsafe target.assumingMemoryBound(to: Float.self)
    var isFinite = true
    try read(count) { place, number in
      let value = Float(number)
      unsafe numbers[place] = value
      if !value.isFinite, !(allowsNaN && number.isNaN) { isFinite = false }
    }
    guard isFinite else { throw stream.damaged("holds a number that is not finite") }
  }
}
