import Datasets
import Diagnostics
import Foundation
import HDF5Files
import TestSupport
import Testing

@Suite struct CacheTests {
  private let files: DataFolder
  private static let pair = "dataset: {idx: {training: {samples: images, labels: labels}}}"
  private static let count = 2500

  init() throws {
    files = try DataFolder()
    try write(seed: 0)
  }

  /// 2500 samples of 3 bytes, in three blocks.
  private func write(seed: Int) throws {
    let bytes = (0..<3 * Self.count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ seed) }
    try files.put(DataFolder.idx([Self.count, 3], bytes), at: "data/images")
    try files.put(
      DataFolder.idx([Self.count], (0..<Self.count).map { UInt8($0 % 5) }), at: "data/labels")
  }

  private func load() throws -> Dataset { try files.load(Self.pair).training }

  /// Changes the cache in place, under its readers.
  private func overwrite(_ byte: UInt8, at offset: Int) throws {
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: files.cache))
    try file.seek(toOffset: UInt64(offset))
    file.write(Data([byte]))
    try file.close()
  }

  private func offset() throws -> Int {
    try HDF5Reader(opening: files.cache).offset(of: "/training/samples")
  }

  @Test func itHoldsWhatTheFilesHold() throws {
    let data = try load()
    #expect(
      try data.bytes(of: Array(0..<2500))
        == [UInt8](files.folder.data(of: "data/images").dropFirst(12)))
    let file = try HDF5Reader(opening: files.cache)
    #expect(try file.info(of: "/training/samples").shape == [2500, 3])
    #expect(try file.info(of: "/training/checksums").shape == [3])
    #expect(try file.text("/sources").contains("  images\n"))
    #expect(
      try SampleCoding(text: file.text("/coding"), source: "coding")
        == SampleCoding(
          shape: [3], number: .uint8, normalisation: data.normalisation,
          targets: .classes(["0", "1", "2", "3", "4"])))
  }

  @Test func itIsMadeOnceAndAgainWhenAFileChanges() throws {
    let first = try load()
    let made =
      try FileManager.default.attributesOfItem(atPath: files.cache)[.systemFileNumber] as? Int
    _ = try load()
    func file() throws -> Int? {
      try FileManager.default.attributesOfItem(atPath: files.cache)[.systemFileNumber] as? Int
    }
    #expect(try file() == made)
    usleep(20_000)
    try write(seed: 1)
    let second = try load()
    #expect(try file() != made)
    #expect(first.contentHash != second.contentHash)
    // Who has the old file open keeps reading it.
    #expect(try first.bytes(of: [0])[0] == 0 && second.bytes(of: [0])[0] == 1)
  }

  @Test func aFolderIsTheSameByAnyName() throws {
    _ = try load()
    func made() throws -> Int? {
      try FileManager.default.attributesOfItem(atPath: files.cache)[.systemFileNumber] as? Int
    }
    let first = try made()
    try FileManager.default.createSymbolicLink(
      atPath: files.path("link"), withDestinationPath: files.path("data"))
    for folder in ["link", "data/../data"] { _ = try files.load(Self.pair, from: folder) }
    #expect(try made() == first)
  }

  @Test func theHashIsThatOfTheContent() throws {
    let hash = try load().contentHash
    let other = try DataFolder()
    for name in ["images", "labels"] {
      try other.put([UInt8](files.folder.data(of: "data/\(name)")), at: "data/\(name)")
    }
    #expect(try other.load(Self.pair).training.contentHash == hash)
    try other.put(DataFolder.idx([2500], [UInt8](repeating: 1, count: 2500)), at: "data/labels")
    #expect(try other.load(Self.pair).training.contentHash != hash)
  }

  @Test func aFlippedBitIsFoundInItsBlock() throws {
    let data = try load()
    try overwrite(7, at: try offset() + 3 * 1500)
    // Other blocks are as they were.
    _ = try data.bytes(of: [0, 1023, 2048, 2499])
    for _ in 0..<2 {
      let failure = #expect(throws: Failure.self) { _ = try data.bytes(of: [1024]) }
      #expect(failure?.code == .badData)
      #expect(
        failure?.message.contains("is damaged: block 1 of 3, samples 1024 to 2047") == true)
    }
  }

  /// One bit of every byte: the damage is found, the cache is made again, or it changed nothing.
  @Test func everyByteThatReachesAWeightIsCovered() throws {
    let other = try DataFolder()
    let rows = (0..<12).map { "\($0 * $0),\(["a", "b"][$0 % 2]),\(["p", "q", "r"][$0 % 3])\n" }
    try other.put("x,kind,y\n" + rows.joined(), at: "data/t.csv")
    let section = "dataset: {csv: {training: t.csv, test: t.csv, label: y, categorical: [kind]}}"
    let first = try other.load(section)
    let (numbers, path) = (try first.training.numbers, try other.cache)
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    var (refused, madeAgain, same) = (0, 0, 0)
    for place in whole.indices {
      var bytes = whole
      bytes[place] ^= 1 << UInt8(place % 8)
      try bytes.write(to: URL(fileURLWithPath: path))
      do {
        let found = try other.load(section)
        #expect(found.training.coding == first.training.coding, "byte \(place)")
        #expect(found.contentHash == first.contentHash, "byte \(place)")
        #expect(try found.training.numbers == numbers, "byte \(place)")
        #expect(try found.test.numbers == numbers, "byte \(place)")
        let after = try Data(contentsOf: URL(fileURLWithPath: path))
        if after == bytes { same += 1 } else { madeAgain += 1 }
      } catch let failure as Failure {
        #expect(failure.code == .badData && failure.message.contains("built again"), "\(failure)")
        refused += 1
      }
    }
    print(
      "\(whole.count) flips: \(refused) refused, \(madeAgain) made again, \(same) without effect")
    #expect(refused > 0 && madeAgain > 0)
  }

  @Test func aCacheThatIsCutOffWhileItIsRead() throws {
    let data = try load()
    _ = try data.bytes(of: [0])
    let path = try files.cache
    let end = try off_t(offset() + 600)
    #expect(unsafe truncate(path, end) == 0)
    let failure = #expect(throws: Failure.self) { _ = try data.bytes(of: [500]) }
    #expect(failure?.code == .badData)
    #expect(failure?.message.contains("was cut off within samples 500 to 500") == true)
    // The next start makes it again.
    #expect(try load().bytes(of: [500]).count == 3)
  }

  @Test func damageOutsideTheSamplesMakesItAgain() throws {
    _ = try load()
    let whole = try Data(contentsOf: URL(fileURLWithPath: files.cache))
    for offset in [0, 9, 40] {
      try overwrite(whole[offset] ^ 1, at: offset)
      #expect(try load().count == 2500)
      #expect(try Data(contentsOf: URL(fileURLWithPath: files.cache)) == whole)
    }
  }

  @Test func whatACacheHoldsDoesNotChangeItsBytes() throws {
    _ = try load()
    let path = try files.cache
    let first = try Data(contentsOf: URL(fileURLWithPath: path))
    try FileManager.default.removeItem(atPath: path)
    usleep(1_100_000)
    _ = try load()
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == first)
  }

  @Test func blocksOfLargeSamplesAreSmall() throws {
    let size = 300_000
    let bytes = (0..<7 * size).map { UInt8(truncatingIfNeeded: $0 / 7) }
    try files.put(DataFolder.idx([7, size], bytes), at: "data/images")
    try files.put(DataFolder.idx([7], Array(0..<7)), at: "data/labels")
    let data = try load()
    #expect(try HDF5Reader(opening: files.cache).info(of: "/training/checksums").shape == [3])
    #expect(try data.bytes(of: [6, 2]) == Array(bytes[(6 * size)...] + bytes[2 * size..<3 * size]))
  }

  @Test func digestsAreCompared() throws {
    let right = String(repeating: "0", count: 64)
    try files.put(
      """
      about: small
      source: {idx: {training: {samples: images, labels: labels}}}
      files: [{name: images, sha256: "\(right)"}]
      """, at: "Datasets/small.yaml")
    files.expect(
      "dataset: small", fails: .badData, "images' is not the file that small is made of",
      "expected \(right)")
  }

  @Test(arguments: [
    ("shape: [4]", "expected samples of 4 as small has them, found 3"),
    ("classes: [a, b]", "sample 2 has the label 2, expected 0 to 1"),
  ])
  func theDescriptorIsCompared(_ line: String, _ text: String) throws {
    try files.put(
      "about: small\nsource: {idx: {training: {samples: images, labels: labels}}}\n\(line)\n",
      at: "Datasets/small.yaml")
    files.expect("dataset: small", fails: .badData, text)
  }

  @Test func unknownNames() throws {
    try files.put("about: small\nsource: mnist\n", at: "Datasets/small.yaml")
    files.expect(
      "dataset: smal", fails: .badConfiguration, "t.yaml:1:17: data.dataset",
      "unknown dataset 'smal' (did you mean 'small'?)")
    files.expect("dataset: digitz", fails: .badConfiguration, "did you mean 'digits'?")
    files.expect("dataset: csv", fails: .badConfiguration, "dataset: {csv: {...}}")
    files.expect(
      "dataset: small", fails: .noInput, "small: there is no 'train-images-idx3-ubyte'")
  }

  @Test func aFirstPartOfASet() throws {
    let data = try files.load("\(Self.pair), train_samples: 10").training
    #expect(data.count == 10)
    #expect(try data.bytes(of: [9]) == load().bytes(of: [9]))
    #expect(
      files.failure("\(Self.pair), train_samples: 2501")?.message.contains(
        "expected at most the 2,500 samples there are, found 2501") == true)
  }
}
