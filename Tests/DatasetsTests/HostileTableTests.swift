import Datasets
import Diagnostics
import Testing

/// Tables that are enormous or no tables.
@Suite struct HostileTableTests {
  private let files: DataFolder

  init() throws { files = try DataFolder() }

  private func put(_ parts: [UInt8]...) throws {
    try files.put(Array(parts.joined()), at: "data/t.csv")
  }

  private func expect(_ message: String, label: String = "y") {
    files.expect("dataset: {csv: {training: t.csv, label: \(label)}}", fails: .badData, message)
  }

  @Test func bytesThatAreNoText() throws {
    try put(Array("x,y\n1,Z".utf8), [0xfc], Array("rich\n2,Bern\n".utf8))
    expect("t.csv:2: column 'y' holds 'Z\u{fffd}rich', which is no UTF-8: save the table as UTF-8")
    // Those behind it are counted.
    try put(Array("x,y\n".utf8), [0xfc], Array(",1\na,2\nb,1\na,2\n".utf8))
    expect(
      "t.csv:2: column 'x' holds '\u{fffd}', which is no UTF-8", label: "y, categorical: [x]")
    try put([0xff, 0xfe], Array("x,y\n1,2\n".utf8).flatMap { [$0, 0] })
    expect("t.csv': holds UTF-16, expected UTF-8")
    try put(Array("x,y\n1,a\n0".utf8), [0, 0], Array("5,b\n".utf8))
    expect("t.csv:3: column 'x' holds '0\\0\\05', expected a number")
  }

  @Test func damagedPacking() throws {
    let rows = (0..<5000).map { "\($0),\($0 * $0 % 7)\n" }.joined()
    let packed = try DataFolder.gzip(Array(("x,y\n" + rows).utf8))
    try files.put(Array(packed.dropLast(100)), at: "data/t.csv")
    expect("the gzip data are cut off after")
    try files.put(packed + [1], at: "data/t.csv")
    expect("bytes follow the end of the gzip data")
  }

  @Test func longWords() throws {
    let word = String(repeating: "w", count: 5000)
    try put(Array("x,y\n1,\(word)\n2,b\n".utf8))
    expect("t.csv:2: column 'y' holds a word of 5,000 bytes, limit 1,000")
    try put(Array("x,y\n\(word),a\n2,b\n".utf8))
    expect("t.csv:2: column 'x' holds '\(word.prefix(60))...', expected a number")
    try put(Array("x,\(word)\n1,a\n2,b\n".utf8))
    expect("there is no column 'y'")
  }

  /// A small file that unpacks to a record without an end.
  @Test func aBomb() throws {
    #if !DEBUG
      for filling in ["a", ",", "\"", "\r"] {
        let bomb = [UInt8](repeating: Array(filling.utf8)[0], count: 100_000_001)
        try files.put(try DataFolder.gzip(bomb), at: "data/t.csv")
        expect(
          [
            "a": "t.csv:1: the record is longer than", ",": "t.csv:1: the record has more than",
            "\"": "t.csv:1: ", "\r": "the file is empty",
          ][filling] ?? "")
      }
    #endif
  }

  /// As many columns as a network takes.
  @Test func aMillionColumns() throws {
    #if DEBUG
      let count = 5000
    #else
      let count = 1_000_000
    #endif
    let names = (0..<count).map { "c\($0)" }.joined(separator: ",")
    let rows = (0..<3).map { row in
      (0..<count).map { "\(($0 + row) % 10)" }.joined(separator: ",")
    }.joined(separator: "\n")
    try put(Array("\(names),c0\n\(rows)\n".utf8))
    expect("t.csv:1: the header names 'c0' twice")
    try put(Array("\(names)\n\(rows)\n".utf8))
    let data = try files.load(
      "dataset: {csv: {training: t.csv, targets: [c0], standardise: false}}"
    ).training
    #expect(data.shape == [count - 1] && data.values == [0, 1, 2])
    #expect(try data.numbers[count - 2] == Float((count - 1) % 10))
  }
}
