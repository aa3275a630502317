internal import Configuration
internal import Diagnostics
internal import HDF5Files

/// Arrays in an HDF5 file, as h5py writes them: the first dimension counts samples.
struct HDF5Arrays: DescribedFormat {
  static let record = Record(
    "hdf5",
    keys: [
      Key("file", .text, help: "the file"),
      Key("training", .record(FilePair.record("training")), help: "the arrays to learn from"),
      Key(
        "test", .record(FilePair.record("test")), default: .absent,
        help: "the arrays to be tested with"),
      Key(
        "test_file", .text, default: .absent, help: "the file of the test arrays, if it is another"),
      Key(
        "channels", .choice(["last", "first"]), default: "last",
        help: "where the channels of images with three dimensions are"),
    ],
    help: "An HDF5 file with an array of samples and one of what is to be learnt.")

  let files: [String]
  private let training: FilePair
  private let test: FilePair?
  private let channelsFirst: Bool

  init(_ settings: Settings, folder: String) throws(Failure) {
    var files = [try locate(settings.text("file"), in: folder)]
    if let name = settings.optionalText("test_file") {
      guard settings.optionalSection("test") != nil else {
        throw settings.failure(at: "test_file", "needs test, the names of the arrays in it")
      }
      files.append(try locate(name, in: folder))
    }
    self.files = files
    training = try FilePair(settings.section("training"))
    test = try settings.optionalSection("test").map { section throws(Failure) in
      try FilePair(section)
    }
    channelsFirst = Self.hasChannelsFirst(settings)
  }

  /// One file with one pair of arrays.
  init(file: String, _ pair: FilePair, channelsFirst: Bool) {
    files = [file]
    training = pair
    test = nil
    self.channelsFirst = channelsFirst
  }

  static func hasChannelsFirst(_ settings: Settings) -> Bool {
    settings.text("channels") == "first"
  }

  func open(
    _ coding: FileCoding
  ) throws(Failure) -> (training: any SampleReader, test: (any SampleReader)?) {
    let first = try Reader(files[0], training, channelsFirst: channelsFirst, as: coding.known)
    let second = try test.map { pair throws(Failure) in
      try Reader(files[files.count - 1], pair, channelsFirst: channelsFirst, as: coding.known)
    }
    return (first, second)
  }

  private final class Reader: SampleReader {
    private let pair: FilePair
    private let samples: HDF5Samples
    private let answers: HDF5Rows
    private var next = 0
    private var labels: [Int64] = []
    let targets: TargetKind
    let number: Dataset.Number

    init(
      _ path: String, _ pair: FilePair, channelsFirst: Bool, as known: KnownCoding?
    ) throws(Failure) {
      let file = try HDF5Reader(opening: path)
      let samples = try HDF5Samples(file, pair.samples, channelsFirst: channelsFirst)
      let answers = try file.rows(of: pair.answers)
      func damaged(_ problem: String) -> Failure { Failure(.badData, "'\(path)': \(problem)") }
      guard samples.count == answers.shape[0] else {
        throw damaged(
          "'\(pair.samples)' has \(samples.count.grouped) samples, '\(pair.answers)' "
            + "\(answers.shape[0].grouped) \(pair.isLabelled ? "labels" : "targets")")
      }
      let width = answers.shape.dropFirst().reduce(1, *)
      if pair.isLabelled {
        guard answers.numbers != .reals, width == 1 else {
          throw damaged("'\(pair.answers)' should hold one integer a sample for its class")
        }
        targets = .classes(names: nil)
      } else {
        guard width > 0 else { throw damaged("'\(pair.answers)' holds no numbers") }
        targets = .values(shape: [width])
      }
      number = known?.coding.number(for: samples.number) ?? samples.number
      self.pair = pair
      self.samples = samples
      self.answers = answers
    }

    var count: Int { samples.count }
    var shape: [Int] { samples.shape }
    var targetSource: String { "\(samples.path)': '\(pair.answers)" }

    func read(
      _ count: Int, samples target: UnsafeMutableRawBufferPointer,
      targets answer: UnsafeMutableRawBufferPointer
    ) throws(Failure) {
      let rows = next..<next + count
      next += count
      try unsafe samples.read(rows, as: number, into: target)
      switch targets {
      case .classes:
        try unsafe readLabels(rows, into: answer.assumingMemoryBound(to: Int32.self))
      case .values:
        let numbers = unsafe answer.assumingMemoryBound(to: Float.self)
        if let start = numbers.baseAddress { try unsafe answers.read(rows, into: start) }
        try unsafe samples.check(numbers, pair.answers, rows)
      case .none: break
      }
    }

    private func readLabels(
      _ rows: Range<Int>, into target: UnsafeMutableBufferPointer<Int32>
    ) throws(Failure) {
      if labels.count < rows.count { labels = [Int64](repeating: 0, count: rows.count) }
      try unsafe labels.withUnsafeMutableBufferPointer { labels throws(Failure) in
        if let start = labels.baseAddress { try unsafe answers.read(rows, into: start) }
      }
      // What does not fit an Int32 is no class either.
      for i in 0..<rows.count { unsafe target[i] = Int32(exactly: labels[i]) ?? -1 }
    }
  }
}
