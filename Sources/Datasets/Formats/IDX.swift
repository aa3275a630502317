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
    ],
    help: "Files in the format of MNIST, packed by gzip or not.")

  let files: [String]
  private let training: FilePair
  private let test: FilePair?
  private let classes: [String]?

  init(_ settings: Settings, folder: String) throws(Failure) {
    try self.init(
      training: FilePair(settings.section("training"), folder),
      test: settings.optionalSection("test").map { section throws(Failure) in
        try FilePair(section, folder)
      })
  }

  init(training: FilePair, test: FilePair?, classes: [String]? = nil) {
    self.training = training
    self.test = test
    self.classes = classes
    files = training.files + (test?.files ?? [])
  }

  func open(
    _ coding: FileCoding
  ) throws(Failure) -> (training: any SampleReader, test: (any SampleReader)?) {
    let first = try Reader(training, classes: classes, as: coding.known)
    return (
      first,
      try test.map { pair throws(Failure) in
        try Reader(pair, classes: classes, as: coding.known)
      }
    )
  }

  private final class Reader: SampleReader {
    private let samples: IDXSamples
    private let answers: IDXFile
    let targets: TargetKind
    let number: Dataset.Number

    init(_ pair: FilePair, classes: [String]?, as known: KnownCoding?) throws(Failure) {
      samples = try IDXSamples(pair.samples)
      number = known?.coding.number(for: samples.number) ?? samples.number
      answers = try IDXFile(pair.answers)
      guard samples.count == answers.shape[0] else {
        throw answers.stream.damaged(
          "holds \(answers.shape[0].grouped) \(pair.isLabelled ? "labels" : "targets"), but "
            + "'\(pair.samples)' holds \(samples.count.grouped) samples")
      }
      let width = answers.shape.dropFirst().reduce(1, *)
      if pair.isLabelled {
        guard answers.type.isInteger, width == 1 else {
          throw answers.stream.damaged("expected one integer a sample for its class")
        }
        targets = .classes(names: classes)
      } else {
        targets = .values(shape: [width])
      }
    }

    var count: Int { samples.count }
    var shape: [Int] { samples.shape }
    var targetSource: String { answers.stream.path }

    func read(
      _ count: Int, samples target: UnsafeMutableRawBufferPointer,
      targets answer: UnsafeMutableRawBufferPointer
    ) throws(Failure) {
      try unsafe samples.read(count, as: number, into: target)
      switch targets {
      case .classes:
        let labels = unsafe answer.assumingMemoryBound(to: Int32.self)
        try answers.read(count) { unsafe labels[$0] = Int32($1) }
      case .values: try unsafe answers.readReals(count * targets.perSample, into: answer)
      case .none: break
      }
    }

    func finish() throws(Failure) {
      try samples.finish()
      try answers.finish()
    }
  }
}

/// The samples in an IDX file.
struct IDXSamples {
  private let file: IDXFile
  let shape: [Int]

  init(_ path: String) throws(Failure) {
    file = try IDXFile(path)
    let inner = Array(file.shape.dropFirst())
    // Pictures get the channel that the format leaves out.
    shape = inner.count == 2 ? inner + [1] : inner.isEmpty ? [1] : inner
  }

  var count: Int { file.shape[0] }
  var number: Dataset.Number { file.type == .ubyte ? .uint8 : .float32 }

  func read(
    _ count: Int, as number: Dataset.Number, into target: UnsafeMutableRawBufferPointer
  ) throws(Failure) {
    switch number {
    case .uint8: try unsafe file.read(target)
    case .int32, .float32: try unsafe file.readReals(count * shape.reduce(1, *), into: target)
    }
  }

  func finish() throws(Failure) { try file.finish() }
}

extension IDXFile {
  /// Reads numbers of any type, which must be finite.
  fileprivate func readReals(
    _ count: Int, into target: UnsafeMutableRawBufferPointer
  ) throws(Failure) {
    let numbers = unsafe target.assumingMemoryBound(to: Float.self)
    var isFinite = true
    try read(count) { place, number in
      let value = Float(number)
      unsafe numbers[place] = value
      if !value.isFinite { isFinite = false }
    }
    guard isFinite else { throw stream.damaged("holds a number that is not finite") }
  }
}

/// A file or array of samples, and the one with their classes or real numbers.
struct FilePair {
  let samples: String
  let answers: String
  /// Whether the answers are classes.
  let isLabelled: Bool

  var files: [String] { [samples, answers] }

  static func record(_ name: String) -> Record {
    Record(
      name,
      keys: [
        Key("samples", .text, help: "the samples"),
        Key("labels", .text, default: .absent, help: "the class of each, counted from 0"),
        Key(
          "targets", .text, default: .absent,
          help: "the real numbers to predict, where no labels are given"),
      ],
      help: "Samples with what is to be learnt about them.")
  }

  init(samples: String, labels: String) {
    self.init(samples: samples, answers: labels, isLabelled: true)
  }

  /// Names as they stand.
  init(_ settings: Settings) throws(Failure) {
    let (labels, targets) = (settings.optionalText("labels"), settings.optionalText("targets"))
    guard (labels == nil) != (targets == nil), let answers = labels ?? targets else {
      throw settings.failure(
        at: labels == nil ? "samples" : "labels",
        "expected either labels (classes) or targets (real numbers), "
          + "found \(labels == nil ? "neither" : "both")")
    }
    samples = settings.text("samples")
    self.answers = answers
    isLabelled = labels != nil
  }

  /// Names of files in a folder.
  init(_ settings: Settings, _ folder: String) throws(Failure) {
    let pair = try FilePair(settings)
    self.init(
      samples: try locate(pair.samples, in: folder), answers: try locate(pair.answers, in: folder),
      isLabelled: pair.isLabelled)
  }

  init(samples: String, answers: String, isLabelled: Bool) {
    self.samples = samples
    self.answers = answers
    self.isLabelled = isLabelled
  }
}
