import Datasets
import Diagnostics
import Foundation
import HDF5Files
import Testing

/// A file that h5py has written, and files that do not fit.
@Suite struct HDF5ArraysTests {
  private let files: DataFolder

  init() throws {
    files = try DataFolder()
    let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../References/dataset.h5")
    try files.put([UInt8](Data(contentsOf: golden)), at: "data/d.h5")
  }

  private func described(_ more: String) -> String { "dataset: {hdf5: {file: d.h5, \(more)}}" }

  @Test func bytesPackedByGzip() throws {
    let data = try files.load(
      described(
        "training: {samples: photos/train/x, labels: photos/train/y},"
          + " test: {samples: photos/test/x, labels: photos/test/y}"))
    #expect(data.training.shape == [6, 5, 1] && data.training.elements.number == .uint8)
    #expect(data.training.count == 1100 && data.test.count == 30)
    #expect(data.training.labels == (0..<1100).map { Int32($0 % 4) })
    #expect(data.training.classes == ["0", "1", "2", "3"])
    // Of both blocks, in any order.
    let samples: [Int32] = [1099, 3, 1023, 1024]
    let expected = samples.flatMap { sample -> [UInt8] in
      (0..<30).map { (place: Int) -> UInt8 in
        let number: Int = 7 * Int(sample) + 5 * (place / 5) + 3 * (place % 5)
        return UInt8(number % 256)
      }
    }
    #expect(try data.training.bytes(of: samples) == expected)
  }

  @Test func numbersOfOtherTypes() throws {
    let table = try files.load(described("training: {samples: table/x, targets: table/y}")).training
    #expect(table.shape == [3] && table.elements.number == .float32)
    let expected = (0..<150).map { (place: Int) -> Float in
      Float(7 * (place / 3) + 5 * (place % 3)) / 4
    }
    #expect(try table.numbers == expected)
    #expect(table.values == (0..<50).map { Float($0) / 2 })
    // Measured, as that of a drawn set is.
    let mean = try table.numbers.reduce(0, +) / 150
    #expect((table.normalisation.mean - mean).magnitude < 1e-4)
  }

  /// Booleans are bytes; real numbers of whole value are classes.
  @Test func booleansAndRealClasses() throws {
    let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../References/booleans.h5")
    try files.put([UInt8](Data(contentsOf: golden)), at: "data/b.h5")
    for (arrays, text) in [
      (
        "samples: numbers, labels: halves", "'halves' holds 0.5 in sample 1, expected whole numbers"
      ),
      ("samples: kinds, labels: classes", "'kinds' holds neither integers nor real numbers"),
    ] {
      files.expect(
        "dataset: {hdf5: {file: b.h5, training: {\(arrays)}}}", fails: .badData, text)
    }
    func load(_ training: String) throws -> Dataset {
      try files.load("dataset: {hdf5: {file: b.h5, training: {\(training)}}}").training
    }
    let flags = try load("samples: flags, labels: answers, fields: [{name: a, array: answers}]")
    #expect(flags.elements.number == .uint8 && flags.shape == [3])
    #expect(try flags.numbers == (0..<18).map { $0 % 4 == 1 ? 1 : 0 })
    #expect(flags.labels == [1, 0, 0, 1, 0, 0] && flags.classes == ["0", "1"])
    #expect(flags.field("a")?.number == .uint8)
    let reals = try load("samples: numbers, labels: classes")
    #expect(reals.labels == [0, 1, 2, 0, 1, 2])
    #expect(try load("samples: numbers, labels: small").labels == [0, 1, 0, 1, 0, 1])
    let targets = try load("samples: numbers, targets: answers")
    #expect(targets.values == [1, 0, 0, 1, 0, 0])
    let types = try HDF5Reader(opening: files.path("data/b.h5")).outline().map(\.content)
    #expect(types.contains(.dataset(type: "bool", shape: [6, 3])))
    #expect(types.contains(.dataset(type: "enumeration", shape: [6])))
  }

  @Test func planesBecomePixels() throws {
    let described = described(
      "channels: first, training: {samples: planes/x, labels: planes/y}")
    let data = try files.load(described).training
    #expect(data.shape == [2, 2, 3] && data.labels == [0, 1, 0, 1, 0, 1, 0, 1])
    #expect(data.elements.number == .int32)
    let expected = (0..<12).map { (place: Int) -> Int32 in
      let (row, column, channel) = (place / 6, place / 3 % 2, place % 3)
      return Int32(7 + 5 * channel + 3 * row + 11 * column)
    }
    let bytes = try data.bytes(of: [1])
    #expect(
      unsafe bytes.withUnsafeBytes { unsafe Array($0.bindMemory(to: Int32.self)) } == expected)
  }

  @Test(arguments: [
    (
      "samples: table/x, labels: photos/train/y", ExitCode.badData,
      "has 50 samples, 'photos/train/y' 1,100"
    ),
    (
      "samples: table/x, labels: table/y", .badData,
      "'table/y' holds 0.5 in sample 1, expected whole numbers, those of classes"
    ),
    (
      "samples: words, labels: planes/y", .badData,
      "'words' holds neither integers nor real numbers nor booleans"
    ),
    ("samples: table/z, labels: planes/y", .badData, "'/table/z' is missing"),
    ("samples: table, labels: planes/y", .badData, "'table' is not a dataset"),
    (
      "samples: table/x, labels: planes/y, targets: planes/y", .badConfiguration, "found both"
    ),
  ])
  func arraysThatDoNotFit(_ pair: String, _ code: ExitCode, _ text: String) {
    let data = described("training: {\(pair)}")
    guard let failure = files.failure(data) else { return }
    #expect(failure.code == code && failure.message.contains(text), "\(failure)")
  }

  @Test func aTestSetOfAnotherShape() {
    files.expect(
      described(
        "training: {samples: photos/train/x, labels: photos/train/y},"
          + " test: {samples: planes/x, labels: planes/y}"), fails: .badData,
      "expected samples of 6x5x1 uint8 as the training set has them, found 3x2x2 int32")
  }

  @Test func numbersThatAreNone() throws {
    var file = try HDF5Writer(creating: files.path("data/n.h5"))
    try unsafe [1, 2, Float.nan, 4].withUnsafeBufferPointer {
      unsafe try file.write($0, shape: [2, 2], to: "x")
    }
    try unsafe [Int32(0), -2].withUnsafeBufferPointer {
      unsafe try file.write($0, shape: [2], to: "y")
    }
    try unsafe [Float(1), 2].withUnsafeBufferPointer {
      unsafe try file.write($0, shape: [2], to: "good")
    }
    try file.close()
    let data = "dataset: {hdf5: {file: n.h5, training: {samples: x, labels: y}}}"
    files.expect(data, fails: .badData, "'x' holds nan in sample 1")
    files.expect(
      data.replacing("samples: x", with: "samples: good"), fails: .badData,
      "sample 1 has the label -2, expected 0 to 0")
  }

  @Test func aFileThatIsNone() throws {
    try files.put("text", at: "data/d.h5")
    files.expect(
      described("training: {samples: x, labels: y}"), fails: .badData, "as an HDF5 file")
    try FileManager.default.removeItem(atPath: files.path("data/d.h5"))
    files.expect(
      described("training: {samples: x, labels: y}"), fails: .noInput, "there is no 'd.h5'")
  }
}
