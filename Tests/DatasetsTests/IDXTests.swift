import Datasets
import Diagnostics
import Foundation
import TestSupport
import Testing

/// MNIST and other IDX files, good and bad.
@Suite struct IDXTests {
  private let files: DataFolder
  private static let pair =
    "dataset: {idx: {training: {samples: images, labels: labels}}}"

  init() throws { files = try DataFolder() }

  private func write(
    images: [UInt8] = DataFolder.idx([3, 2, 2], Array(1...12)),
    labels: [UInt8] = DataFolder.idx([3], [2, 0, 1])
  ) throws {
    try files.put(images, at: "data/images")
    try files.put(labels, at: "data/labels")
  }

  private func putMNIST(gzipped: Bool) throws {
    for (name, count) in [("train", 4), ("t10k", 2)] {
      let pixels = (0..<count * 784).map { UInt8(truncatingIfNeeded: $0 / 3) }
      for (file, bytes) in [
        ("\(name)-images-idx3-ubyte", DataFolder.idx([count, 28, 28], pixels)),
        ("\(name)-labels-idx1-ubyte", DataFolder.idx([count], (0..<count).map { UInt8(9 - $0) })),
      ] {
        try files.put(
          gzipped ? DataFolder.gzip(bytes) : bytes, at: "data/\(file)\(gzipped ? ".gz" : "")")
      }
    }
  }

  /// A descriptor without digests, so that small files can stand for the real ones.
  private func describe(_ more: String = "") throws {
    try files.put("about: small\nsource: mnist\n\(more)", at: "Datasets/small.yaml")
  }

  @Test(arguments: [false, true]) func theFourFilesOfMNIST(gzipped: Bool) throws {
    try describe("normalisation: {mean: 0.25, deviation: 0.5}\n")
    try putMNIST(gzipped: gzipped)
    let data = try files.load("dataset: small")
    #expect(data.training.shape == [28, 28, 1])
    #expect(data.training.count == 4 && data.test.count == 2 && data.hasTestSet)
    // Pixels begin at byte 16, right after the head.
    #expect(try data.training.bytes(of: [0]).prefix(4) == [0, 0, 0, 1])
    #expect(try data.training.bytes(of: [1])[0] == UInt8(784 / 3 & 255))
    #expect(data.training.labels == [9, 8, 7, 6] && data.training.classes.count == 10)
    #expect(
      data.training.normalisation == Normalisation(scale: 1 / 255, mean: 0.25, deviation: 0.5))
    #expect(data.test.normalisation == data.training.normalisation)
  }

  @Test func packedAndPlainFilesAreTheSameData() throws {
    try describe()
    try putMNIST(gzipped: false)
    let plain = try files.load("dataset: small").contentHash
    try files.put("", at: "other/x")
    let other = try DataFolder()
    for name in files.folder.names(in: "data") {
      try other.put(
        DataFolder.gzip([UInt8](files.folder.data(of: "data/\(name)"))), at: "data/\(name).gz")
    }
    try other.put("about: small\nsource: mnist\n", at: "Datasets/small.yaml")
    #expect(try other.load("dataset: small").contentHash == plain)
  }

  @Test func normalisationIsMeasuredOverTheTrainingSet() throws {
    try write(
      images: DataFolder.idx([4, 1], [0, 255, 0, 255]), labels: DataFolder.idx([4], [0, 0, 0, 0]))
    let data = try files.load(Self.pair).training
    #expect(data.normalisation == Normalisation(scale: 1 / 255, mean: 0.5, deviation: 0.5))
  }

  @Test func numbersOfOtherTypes() throws {
    let shorts: [UInt8] = [0, 1, 255, 255, 128, 0, 0, 7]
    try files.put(DataFolder.idx([2, 2], shorts, type: 0x0b), at: "data/x")
    let floats = [0.5, -2].flatMap { (number: Float) in
      unsafe withUnsafeBytes(of: number.bitPattern.bigEndian) { unsafe Array($0) }
    }
    try files.put(DataFolder.idx([2], floats, type: 0x0d), at: "data/y")
    let data = try files.load("dataset: {idx: {training: {samples: x, targets: y}}}").training
    #expect(try data.numbers == [1, -1, -32768, 7])
    #expect(data.values == [0.5, -2] && data.targetBytes == 4)
    #expect(data.elements.number == .int32)
  }

  @Test func namesMayHaveTheirEndingOrNot() throws {
    try files.put(try DataFolder.gzip(DataFolder.idx([1, 1], [7])), at: "data/images.gz")
    try files.put(DataFolder.idx([1], [0]), at: "data/labels")
    #expect(try files.load(Self.pair).training.numbers == [7])
    let named = "dataset: {idx: {training: {samples: images.gz, labels: labels.gz}}}"
    #expect(try files.load(named).training.numbers == [7])
  }

  // MARK: Bad files

  @Test(arguments: 0..<16) func cutHead(_ count: Int) throws {
    try write(images: Array(DataFolder.idx([3, 2, 2], Array(1...12)).prefix(count)))
    files.expect(
      Self.pair, fails: .badData, "needs \(count < 4 ? 4 : 16) bytes of head, the file has \(count)"
    )
  }

  @Test func bodyOfAnotherLength() throws {
    let whole = DataFolder.idx([3, 2, 2], Array(1...12))
    try write(images: Array(whole.dropLast()))
    files.expect(Self.pair, fails: .badData, "expected 28 bytes", "found 27", "/images'")
    try write(images: whole + [0])
    files.expect(Self.pair, fails: .badData, "expected 28 bytes", "found 29")
    try write(images: try DataFolder.gzip(Array(whole.dropLast())))
    files.expect(Self.pair, fails: .badData, "ends after 11 of 12 bytes")
    try write(images: try DataFolder.gzip(whole + [0]))
    files.expect(Self.pair, fails: .badData, "holds more than the 12 bytes")
  }

  @Test func wrongMagic() throws {
    let good = DataFolder.idx([3, 2, 2], Array(1...12))
    for (head, text) in [
      ([1, 0, 8, 3], "found 01000803"), ([3, 8, 0, 0], "reversed order"),
      ([0, 0, 7, 3], "00000703"),
      ([0, 0, 8, 0], "00000800"),
    ] as [([UInt8], String)] {
      try write(images: head + good.dropFirst(4))
      files.expect(Self.pair, fails: .badData, "expected an IDX file", text)
    }
    try write(images: [0, 0, 8, 255] + good.dropFirst(4))
    files.expect(Self.pair, fails: .badData, "needs 1024 bytes of head")
  }

  @Test func hugeDimensionsTakeNoMemory() throws {
    for shape in [[1 << 31, 1 << 31, 1 << 31], [1 << 31, 1 << 30], [3, 0, 2]] {
      let head = DataFolder.idx(shape, [])
      try write(images: head)
      files.expect(Self.pair, fails: .badData, "its head declares")
      try write(images: try DataFolder.gzip(head))
      files.expect(Self.pair, fails: .badData, "its head declares")
    }
  }

  @Test func setsThatDoNotFit() throws {
    try write(labels: DataFolder.idx([2], [0, 1]))
    files.expect(Self.pair, fails: .badData, "holds 2 labels", "holds 3 samples")
    try write(images: DataFolder.idx([0, 2, 2], []), labels: DataFolder.idx([0], []))
    files.expect(Self.pair, fails: .badData, "holds no samples")
    try write(labels: DataFolder.idx([3], [UInt8](repeating: 0, count: 12), type: 0x0d))
    files.expect(Self.pair, fails: .badData, "expected integers for classes")
    try write(labels: DataFolder.idx([3, 1, 1, 1, 2], [0, 1, 0, 1, 0, 1]))
    files.expect(Self.pair, fails: .badData, "3x1x1x1x2 labels, expected at most 3 dimensions")
  }

  @Test func targetsOfMoreDimensions() throws {
    try write(labels: DataFolder.idx([3, 2, 2], [0, 1, 9, 1, 9, 9, 9, 9, 2, 0, 0, 0]))
    let ignoring = Self.pair.replacing("labels: labels", with: "labels: labels, ignore: 9")
    let data = try files.load(ignoring).training
    #expect(data.labels == [0, 1, -1, 1, -1, -1, -1, -1, 2, 0, 0, 0])
    #expect(data.targets.shape == [2, 2] && data.targetCounts == [3, 0, 4])
    #expect(data.classes == ["0", "1", "2"])
    // Of a signed type, -1 is ignored in any case.
    try write(labels: DataFolder.idx([3], [1, 255, 0], type: 0x09))
    #expect(try files.load(Self.pair).training.labels == [1, -1, 0])
    let numbers: [Float] = [1, .nan, 2, 3, 4, .nan]
    let bytes = numbers.flatMap { number in
      unsafe withUnsafeBytes(of: number.bitPattern.bigEndian) { unsafe Array($0) }
    }
    try files.put(DataFolder.idx([3, 2], bytes, type: 0x0d), at: "data/y")
    let real = try files.load(Self.pair.replacing("labels: labels", with: "targets: y")).training
    #expect(real.targetCounts == [1, 2, 1] && real.countingTargets == 4)
    // Without answers, and not as pictures.
    let alone = try files.load(
      "dataset: {idx: {channels: none, training: {samples: images}}}"
    ).training
    #expect(alone.fields == [Field("samples", [2, 2], .uint8, .samples)])
  }

  @Test func labelOutOfRange() throws {
    try describe()
    try putMNIST(gzipped: false)
    for label: UInt8 in [10, 255] {
      try files.put(
        DataFolder.idx([4], [1, 2, label, 3]), at: "data/train-labels-idx1-ubyte")
      files.expect(
        "dataset: small", fails: .badData, "sample 2 has the label \(label), expected 0 to 9",
        "train-labels")
    }
  }

  @Test func gzipThatIsDamaged() throws {
    let whole = DataFolder.idx([3, 2, 2], Array(1...12))
    let packed = try DataFolder.gzip(whole)
    for count in [3, 12, packed.count - 9, packed.count - 1] {
      try write(images: Array(packed.prefix(count)))
      files.expect(Self.pair, fails: .badData, "cut off after \(count) bytes")
    }
    var wrongSum = packed
    wrongSum[packed.count - 6] ^= 1
    try write(images: wrongSum)
    files.expect(Self.pair, fails: .badData, "the gzip data are damaged")
    try write(images: packed + [1, 2, 3])
    files.expect(Self.pair, fails: .badData, "bytes follow the end")
    try write(images: packed + packed)
    files.expect(Self.pair, fails: .badData, "bytes follow the end")
  }

  /// Only what the head declares is unpacked of a file that unpacks to a thousand times its size.
  @Test func aBombIsNotUnpacked() throws {
    try write(
      images: try DataFolder.gzip(
        DataFolder.idx([3, 2, 2], Array(1...12)) + [UInt8](repeating: 0, count: 1 << 24)))
    files.expect(Self.pair, fails: .badData, "holds more than the 12 bytes")
  }

  @Test func whatIsNoFile() throws {
    try write()
    try FileManager.default.removeItem(atPath: files.path("data/images"))
    files.expect(Self.pair, fails: .noInput, "there is no 'images' in '/", "/data'")
    try FileManager.default.createDirectory(
      atPath: files.path("data/images"), withIntermediateDirectories: true)
    files.expect(Self.pair, fails: .noInput, "it is not a regular file")
    try FileManager.default.removeItem(atPath: files.path("data/images"))
    #expect(unsafe mkfifo(files.path("data/images"), 0o600) == 0)
    files.expect(Self.pair, fails: .noInput, "it is not a regular file")
    files.expect(
      "dataset: {idx: {training: {samples: /dev/zero, labels: labels}}}", fails: .badConfiguration,
      "data.from names the folder")
  }
}
