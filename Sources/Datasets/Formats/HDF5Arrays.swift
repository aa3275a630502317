internal import Configuration
internal import Diagnostics
internal import HDF5Files

/// Arrays in an HDF5 file, as h5py writes them: the first dimension counts samples.
struct HDF5Arrays: SourceFormat {
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
    channelsFirst = settings.text("channels") == "first"
  }

  func open() throws(Failure) -> (training: any SampleReader, test: (any SampleReader)?) {
    let first = try Reader(files[0], training, channelsFirst: channelsFirst)
    let second = try test.map { pair throws(Failure) in
      try Reader(files[files.count - 1], pair, channelsFirst: channelsFirst)
    }
    return (first, second)
  }

  private final class Reader: SampleReader {
    private let path: String
    private let pair: FilePair
    private let file: HDF5Reader
    private let samples: HDF5Rows
    private let answers: HDF5Rows
    /// Height and width where each channel is a plane of its own.
    private let planes: (count: Int, size: Int)?
    private var next = 0
    private var labels: [Int64] = []
    let shape: [Int]
    let targets: TargetKind

    init(_ path: String, _ pair: FilePair, channelsFirst: Bool) throws(Failure) {
      let file = try HDF5Reader(opening: path)
      let samples = try file.rows(of: pair.samples)
      let answers = try file.rows(of: pair.answers)
      func damaged(_ problem: String) -> Failure { Failure(.badData, "'\(path)': \(problem)") }
      guard samples.shape[0] == answers.shape[0] else {
        throw damaged(
          "'\(pair.samples)' has \(samples.shape[0].grouped) samples, '\(pair.answers)' "
            + "\(answers.shape[0].grouped) \(pair.isLabelled ? "labels" : "targets")")
      }
      let inner = Array(samples.shape.dropFirst())
      guard inner.allSatisfy({ $0 > 0 }) else {
        throw damaged("'\(pair.samples)' has the empty shape \(samples.shape)")
      }
      let isPlanar = channelsFirst && inner.count == 3
      planes = isPlanar ? (inner[0], inner[1] * inner[2]) : nil
      // Pictures without channels get one; a sample may also be a single number.
      shape =
        isPlanar
        ? [inner[1], inner[2], inner[0]]
        : inner.count == 2 ? inner + [1] : inner.isEmpty ? [1] : inner
      let width = answers.shape.dropFirst().reduce(1, *)
      if pair.isLabelled {
        guard answers.numbers != .reals, width == 1 else {
          throw damaged("'\(pair.answers)' should hold one integer a sample for its class")
        }
        targets = .classes(names: nil)
      } else {
        guard width > 0 else { throw damaged("'\(pair.answers)' holds no numbers") }
        targets = .values(width: width)
      }
      self.path = path
      self.pair = pair
      self.file = file
      self.samples = samples
      self.answers = answers
    }

    var count: Int { samples.shape[0] }
    var number: Dataset.Number { samples.numbers == .bytes ? .uint8 : .float32 }
    var targetSource: String { "\(path)': '\(pair.answers)" }

    func read(
      _ count: Int, samples target: UnsafeMutableRawBufferPointer,
      targets answer: UnsafeMutableRawBufferPointer
    ) throws(Failure) {
      let rows = next..<next + count
      next += count
      if number == .uint8 {
        let bytes = unsafe target.assumingMemoryBound(to: UInt8.self)
        if let start = bytes.baseAddress { try unsafe samples.read(rows, into: start) }
        unsafe interleave(bytes)
      } else {
        let numbers = unsafe target.assumingMemoryBound(to: Float.self)
        if let start = numbers.baseAddress { try unsafe samples.read(rows, into: start) }
        try unsafe check(numbers, pair.samples, first: rows.lowerBound)
        unsafe interleave(numbers)
      }
      switch targets {
      case .classes:
        try unsafe readLabels(rows, into: answer.assumingMemoryBound(to: Int32.self))
      case .values:
        let numbers = unsafe answer.assumingMemoryBound(to: Float.self)
        if let start = numbers.baseAddress { try unsafe answers.read(rows, into: start) }
        try unsafe check(numbers, pair.answers, first: rows.lowerBound)
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

    private func check(
      _ numbers: UnsafeMutableBufferPointer<Float>, _ name: String, first: Int
    ) throws(Failure) {
      guard let place = unsafe numbers.firstIndex(where: { !$0.isFinite }) else { return }
      let size = numbers.count / max(1, next - first)
      throw Failure(
        .badData,
        unsafe "'\(path)': '\(name)' holds \(numbers[place]) in sample \(first + place / max(1, size))"
      )
    }

    /// Turns planes of channels into pixels.
    private func interleave<Number: BitwiseCopyable>(
      _ numbers: UnsafeMutableBufferPointer<Number>
    ) {
      guard let (count, size) = planes, count > 1 else { return }
      for sample in stride(from: 0, to: numbers.count, by: count * size) {
        let planar = unsafe Array(numbers[sample..<sample + count * size])
        for place in 0..<size {
          for plane in 0..<count {
            unsafe numbers[sample + place * count + plane] = planar[plane * size + place]
          }
        }
      }
    }
  }
}
