import Datasets
import Diagnostics
import Foundation
import HDF5Files
import TestSupport
import Testing

/// Windows of series in a cache, which has each step once.
@Suite struct WindowCacheTests {
  private let files: DataFolder

  init() throws { files = try DataFolder() }

  /// Of random series: the file, its settings, and the windows that they should give.
  private struct Case {
    var text = "g,a,b\n"
    let settings: String
    var samples: [[Float]] = []
    var targets: [[Float]] = []
    var rows = 0

    init(seed: UInt64) {
      var random = XorShift(seed: seed)
      let (length, horizon) = (random.integer(in: 1...9), random.integer(in: 1...5))
      let stride = random.integer(in: 1...12)
      settings =
        "targets: [b], group: g, standardise: false, "
        + "window: {length: \(length), horizon: \(horizon), stride: \(stride)}"
      for series in 0..<random.integer(in: 1...4) {
        let rows = random.integer(in: length + horizon...(seed % 3 == 0 ? 3000 : 60))
        let steps = (0..<rows).map { _ in
          [Float(random.integer(in: 0...999)), Float(random.integer(in: 0...999)) / 8]
        }
        for step in steps { text += "\(series),\(step[0]),\(step[1])\n" }
        for start in Swift.stride(from: 0, through: rows - length - horizon, by: stride) {
          let end = start + length
          // Inputs are in the order of the header.
          samples.append(steps[start..<end].flatMap { $0 })
          targets.append(steps[end..<end + horizon].map { $0[1] })
        }
        self.rows += rows
      }
    }
  }

  @Test(arguments: 1...12) func windowsInAnyOrder(seed: UInt64) throws {
    let expected = Case(seed: seed)
    try files.put(expected.text, at: "data/t.csv")
    let data = try files.load("dataset: {csv: {training: t.csv, \(expected.settings)}}").training
    #expect(data.count == expected.samples.count)
    #expect(data.values == expected.targets.flatMap { $0 })
    #expect(try data.numbers == expected.samples.flatMap { $0 })
    var random = XorShift(seed: seed + 100)
    let order = (0..<min(200, data.count)).map { _ in
      Int32(random.integer(in: 0...data.count - 1))
    }
    let chosen = data.selecting(order)
    #expect(try chosen.numbers == order.flatMap { expected.samples[Int($0)] })
    let info = try HDF5Reader(opening: files.cache).info(of: "training/samples")
    #expect(info.shape == [expected.rows, 2])
    #expect(try !HDF5Reader(opening: files.cache).contains("training/targets"))
  }

  private func count(_ rows: Int) -> String { "y\n" + (0..<rows).map { "\($0)\n" }.joined() }

  /// The hash of the content is that of the windows, one after the other, as it was when a cache
  /// held them.
  @Test func theHashIsThatOfTheWindows() throws {
    try files.put(count(3000), at: "data/t.csv")
    let splits = try files.load(
      "dataset: {csv: {training: t.csv, targets: [y], window: {length: 12, horizon: 3}}}, "
        + "validation: 0.2")
    #expect(splits.contentHash.description == "82313bc8e6ef92c5")
  }

  /// A byte that only the last window of a block has, then the number of steps of a part.
  @Test func damageIsFound() throws {
    try files.put(count(3000), at: "data/t.csv")
    let described =
      "dataset: {csv: {training: t.csv, targets: [y], standardise: false, window: {length: 5}}}"
    _ = try files.load(described)
    let path = try files.cache
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    func place(of number: Float) throws -> Int {
      try #require(
        whole.range(
          of: unsafe withUnsafeBytes(of: (number, number + 1)) { unsafe Data($0) })
      ).lowerBound
    }
    var bytes = whole
    bytes[try place(of: 1020)] ^= 1
    try bytes.write(to: URL(fileURLWithPath: path))
    files.expectDamage(described, "its contents have another digest")
    bytes = whole
    let rows = try #require(
      whole.range(of: unsafe withUnsafeBytes(of: 3000) { unsafe Data($0) }))
    for count in [2999, 5, -1, Int.max] {
      unsafe withUnsafeBytes(of: count) { unsafe bytes.replaceSubrange(rows, with: $0) }
      try bytes.write(to: URL(fileURLWithPath: path))
      files.expectDamage(described, "remove the file and it is built again")
    }
  }
}

extension DataFolder {
  fileprivate func expectDamage(_ data: String, _ text: String) {
    let failure = #expect(throws: Failure.self) {
      let splits = try load(data)
      _ = try splits.training.numbers
    }
    #expect(failure?.code == .badData)
    #expect(failure?.message.contains(text) == true, "\(failure?.message ?? "")")
  }
}
