import Datasets
import Diagnostics
import Foundation
import HDF5Files
import Testing

/// What a cache holds of targets of any shape and of named fields.
@Suite struct CacheFieldsTests {
  private let files: DataFolder
  private static let section = """
    dataset: {hdf5: {file: f.h5, channels: none,
      training: {samples: steps/y, labels: steps/y, fields: [{name: pairs, array: steps/pairs}]},
      test: {samples: steps/y, labels: steps/y, fields: [{name: pairs, array: steps/pairs}]}}}
    """

  init() throws {
    files = try DataFolder()
    let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../References/fields.h5")
    try files.put([UInt8](Data(contentsOf: golden)), at: "data/f.h5")
  }

  private func pairs(_ data: Dataset) throws -> [Float] {
    let field = try #require(data.field("pairs"))
    var numbers = [Float](repeating: 0, count: data.count * field.size)
    try unsafe numbers.withUnsafeMutableBytes {
      try unsafe data.copy(field, of: Array(0..<Int32(data.count))[...], into: $0)
    }
    return numbers
  }

  @Test func itHoldsLabelsAsBytesAndCounts() throws {
    let data = try files.load(Self.section).training
    let file = try HDF5Reader(opening: files.cache)
    let labels = try file.info(of: "/training/labels")
    #expect(labels.shape == [7, 4] && labels.elementType == .uint8)
    #expect(try file.info(of: "/training/samples").elementType == .int32)
    #expect(try file.info(of: "/training/counts").shape == [7])
    #expect(try file.info(of: "/training/fields/pairs/values").shape == [7, 2])
    #expect(try SampleCoding(text: file.text("/coding"), source: "coding") == data.coding)
    #expect(
      try data.coding.ignoredTargets(of: "/training", in: file) == 28 - data.countingTargets)
  }

  @Test func countsAreLeftOutWhereAllTargetsCount() throws {
    _ = try files.load(
      "dataset: {hdf5: {file: f.h5, training: {samples: steps/x, targets: steps/pairs}}}")
    let file = try HDF5Reader(opening: files.cache)
    #expect(try !file.contains("/training/counts"))
  }

  /// One bit of every third byte: the damage is found, the cache is made again, or it changed
  /// nothing.
  @Test func everyByteThatReachesAWeightIsCovered() throws {
    let first = try files.load(Self.section)
    let (numbers, pairs, path) = (
      try first.training.bytes(of: Array(0..<7)), try pairs(first.training), try files.cache
    )
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    var (refused, madeAgain, same) = (0, 0, 0)
    for place in stride(from: 0, to: whole.count, by: 3) {
      var bytes = whole
      bytes[place] ^= 1 << UInt8(place % 8)
      try bytes.write(to: URL(fileURLWithPath: path))
      do {
        let found = try files.load(Self.section)
        #expect(found.training.coding == first.training.coding, "byte \(place)")
        #expect(found.contentHash == first.contentHash, "byte \(place)")
        #expect(found.training.targetCounts == first.training.targetCounts, "byte \(place)")
        for set in [found.training, found.test] {
          #expect(try set.bytes(of: Array(0..<7)) == numbers, "byte \(place)")
          #expect(try self.pairs(set) == pairs, "byte \(place)")
        }
        let after = try Data(contentsOf: URL(fileURLWithPath: path))
        if after == bytes { same += 1 } else { madeAgain += 1 }
      } catch let failure as Failure {
        #expect(failure.code == .badData && failure.message.contains("built again"), "\(failure)")
        refused += 1
      }
    }
    print(
      "\(whole.count / 3) flips: \(refused) refused, \(madeAgain) made again, \(same) as before")
    #expect(refused > 0 && madeAgain > 0)
  }
}
