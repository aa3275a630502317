internal import Configuration
internal import Diagnostics

/// Pairs of IDX files: samples and their targets.
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
  private let channels: ChannelAxis

  init(_ settings: Settings, folder: String) throws(Failure) {
    try self.init(
      training: FilePair(settings.section("training"), folder),
      test: settings.optionalSection("test").map { section throws(Failure) in
        try FilePair(section, folder)
      }, channels: settings.choice("channels"))
  }

  init(
    training: FilePair, test: FilePair?, classes: [String]? = nil, channels: ChannelAxis = .last
  ) {
    self.channels = channels
    self.training = training
    self.test = test
    self.classes = classes
    files = training.files + (test?.files ?? [])
  }

  func open(
    _ options: ReadingOptions
  ) throws(Failure) -> (training: any SampleReader, test: (any SampleReader)?) {
    let known = options.known?.coding.number
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
    private let targetFile: IDXFile?
    let targets: TargetKind
    let number: Dataset.Number

    /// Reads numbers as the wanted type if it takes them.
    init(
      _ pair: FilePair, classes: [String]?, _ channels: ChannelAxis, as wanted: Dataset.Number?
    ) throws(Failure) {
      self.pair = pair
      samples = try IDXSamples(pair.samples, channels)
      number = samples.number.read(as: wanted)
      guard let name = pair.targets else {
        (targetFile, targets) = (nil, .none)
        return
      }
      let targetFile = try IDXFile(name)
      guard samples.count == targetFile.shape[0] else {
        throw targetFile.stream.damaged(
          "holds \(targetFile.shape[0].grouped) \(pair.noun), but "
            + "'\(pair.samples)' holds \(samples.count.grouped) samples")
      }
      guard let shape = pair.targetShape(Array(targetFile.shape.dropFirst())) else {
        throw targetFile.stream.damaged(
          "holds \(targetFile.shape.text) \(pair.noun), expected at most 3 dimensions a sample")
      }
      guard !pair.isLabelled || targetFile.type.isInteger else {
        throw targetFile.stream.damaged("expected integers for classes, found real numbers")
      }
      targets = pair.isLabelled ? .classes(names: classes, shape: shape) : .values(shape: shape)
      self.targetFile = targetFile
    }

    var count: Int { samples.count }
    var shape: [Int] { samples.shape }
    var targetSource: String { targetFile?.stream.path ?? pair.samples }

    func read(
      _ count: Int, samples: UnsafeMutableRawBufferPointer, targets: UnsafeMutableRawBufferPointer
    ) throws(Failure) {
      try unsafe self.samples.read(count, as: number, into: samples)
      guard let targetFile else { return }
      let size = count * self.targets.perSample
      if pair.isLabelled {
        let labels = unsafe targets.assumingMemoryBound(to: Int32.self)
        try targetFile.read(size) { unsafe labels[$0] = pair.label(Int64($1)) }
      } else {
        try unsafe targetFile.readReals(size, into: targets, allowsNaN: true)
      }
    }

    func finish() throws(Failure) {
      try samples.finish()
      try targetFile?.finish()
    }
  }
}

/// The samples in an IDX file.
struct IDXSamples {
  private let file: IDXFile
  let shape: [Int]

  init(_ path: String, _ channels: ChannelAxis = .last) throws(Failure) {
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
  /// Reads numbers of any type, which must be finite, or NaN if that is allowed.
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
