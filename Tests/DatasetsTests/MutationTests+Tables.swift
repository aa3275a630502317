import Datasets
import Diagnostics
import Foundation
import TestSupport
import Testing

/// A table, and how it is read.
struct MutatedTable: CustomStringConvertible, Sendable {
  let name: String
  let text: String
  let settings: String
  var isPacked = false

  var description: String { name }

  static let all = [
    MutatedTable(
      name: "words.csv",
      text: #"""
        x,colour,"size, mm",kind
        1.5,red,10,a
        -2e3,"dark ""blue""",11,b
        3,red,12.25,a
        4,"two lines",1e10,b

        """#, settings: "label: kind, categorical: [colour]"),
    MutatedTable(
      name: "index.tsv",
      text: "\u{FEFF}\tx\ty\tz\r\n"
        + (0..<12).map { "\($0)\t\(Double($0 * $0) / 7)\t\($0 % 3).0\t\($0 % 2 == 0)\r\n" }.joined(),
      settings: "label: y"),
    MutatedTable(
      name: "targets.csv",
      text: "a;b;c\r1;0.1;12345678901234567890\r-2;1e-30;0.30000000000000004\ryes;.5;7.\r",
      settings: "targets: [c, a], standardise: false"),
    MutatedTable(
      name: "wide.csv",
      text: (0..<200).map { "c\($0)" }.joined(separator: ",") + "\n"
        + (0..<4).map { row in
          (0..<200).map { "\(($0 * 37 + row * 11) % 91)" }.joined(separator: ",") + "\n"
        }.joined(),
      settings: "targets: [c7]"),
    MutatedTable(
      name: "packed.csv.gz",
      text: "x,y\n" + (0..<200).map { "\($0 * 17 % 31),\($0 % 3)\n" }.joined(),
      settings: "label: y", isPacked: true),
  ]
}

extension MutationTests {
  /// Ten thousand damaged tables, each read as a file to learn from, to be tested with, and to
  /// predict.
  @Test(arguments: MutatedTable.all) func tables(_ table: MutatedTable) throws {
    let whole = Array(table.text.utf8)
    let bytes = table.isPacked ? try DataFolder.gzip(whole) : whole
    try files.put(bytes, at: "data/\(table.name)")
    let coding = try files.load("dataset: {csv: {training: \(table.name), \(table.settings)}}")
      .training.coding
    var mutator = Mutator(seed: 211)
    var tally = MutationTally()
    let damaged = "damaged.\(table.name)"
    for number in 0..<Self.count {
      let bytes = table.isPacked ? mutator.bytes(bytes) : mutator.text(table.text)
      try files.put(bytes, at: "data/\(damaged)")
      for data in [
        "training: \(damaged)", "training: \(table.name), test: \(damaged)",
      ] {
        tally.add(number, statuses: [65, 78]) {
          status { () throws(Failure) in
            try load("dataset: {csv: {\(data), \(table.settings)}}")
          }
        }
        try? FileManager.default.removeItem(atPath: files.path("cache"))
      }
      tally.add(number, statuses: [65]) {
        status { () throws(Failure) in
          try read(files.path("data/\(damaged)"), as: coding)
        }
      }
    }
    print("\(table): \(tally)")
    #expect(tally.faults.isEmpty, "\(tally.faults.prefix(5))")
  }

  /// Reads all samples of a file without targets.
  private func read(_ path: String, as coding: SampleCoding) throws(Failure) {
    let samples = try coding.open(path)
    let part = UnsafeMutableRawBufferPointer.allocate(
      byteCount: 16 * coding.sampleBytes, alignment: 64)
    defer { unsafe part.deallocate() }
    while try unsafe samples.read(16, into: part) > 0 {}
  }

  #if DEBUG
    private static let count = Mutator.count / 5
  #else
    private static let count = max(Mutator.count, 10_000) / MutatedTable.all.count
  #endif
}
