import Diagnostics
import Drafts
import TestSupport
import Testing

/// What columns of a table are taken for, and which one is to be predicted.
@Suite struct TableDraftTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func draft(_ header: String, _ rows: [String], _ targets: [String] = []) throws -> Draft {
    try folder.write(([header] + rows).joined(separator: "\n") + "\n", to: "t.csv")
    return try Draft(of: folder.path(of: "t.csv"), targets: targets, in: folder.path)
  }

  /// What each column is taken for, without the number of missing values.
  private func roles(_ draft: Draft) -> [String: String] {
    var roles: [String: String] = [:]
    for line in draft.findings.dropFirst() {
      let words = line.split(separator: " ", maxSplits: 1)
      let role = words[1].drop { $0 == " " }
      roles[String(words[0])] = String(role.prefix { $0 != "," })
    }
    return roles
  }

  @Test func rolesOfColumns() throws {
    let rows = (0..<100).map { row -> String in
      let (kind, city) = (["red", "blue"][row % 2], "city\(row % 40)")
      let day = "2024-0\(1 + row % 9)-1\(row % 10)"
      let words = "a house with \(row) rooms and \(row % 7) doors"
      let part = ["train", "train", "test"][row % 3]
      return "\(row + 1),\(Double(row) / 7),\(kind),\(city),\(day),\(words),x\(row),same,"
        + "\(row % 5 == 0 ? "NA" : "\(row % 11)"),\(part),\(row % 2 == 0),\(Double(row * row))"
    }
    let draft = try draft(
      "id,area,kind,city,built,text,code,one,gaps,part,garden,price", rows)
    let roles = roles(draft)
    #expect(
      roles == [
        "id": "ignored: each number is one more than that before: it counts the records",
        "area": "numbers", "kind": "2 words: categories", "city": "40 words: vectors of 11",
        "built": "dates", "text": "texts: their most frequent words",
        "code": "ignored: nearly every record has another word",
        "one": "ignored: all records have the same value", "gaps": "numbers",
        "part": "the set of each record", "garden": "numbers", "price": "the numbers to predict",
      ])
    #expect(draft.findings[9].hasSuffix("20 missing"))
    #expect(draft.text.contains("split: {column: part}") && !draft.text.contains("test: 0.15"))
  }

  @Test func theTargetIsGuessed() throws {
    let rows = (0..<30).map { "\($0 % 3),\($0 * $0 % 17).5,\($0 % 2 == 0 ? "yes" : "no")" }
    #expect(try draft("class,x,z", rows).text.contains("label: class"))
    #expect(try draft("a,x,z", rows).text.contains("label: z"))
    #expect(try draft("a,x,z", rows, ["x"]).text.contains("targets: [x]"))
    let both = try draft("a,x,z", rows, ["a", "x"]).text
    #expect(both.contains("targets: [a, x]") && both.contains("units: 2"))
  }

  @Test(arguments: [
    ("a,b", ["1,2"], ["c"], ExitCode.usage, "no column 'c'"),
    ("a,b", [], [], .badData, "no record"),
    ("a,b", ["1,5", "2,5", "4,5"], ["b"], .badData, "same value"),
    ("a,b", ["1,u", "3,v", "7,w"], ["b"], .badData, "different word"),
    ("a,b", ["1,1.5", "1,2", "1,4"], ["b"], .badData, "no column is left"),
    ("a,b", ["1,u", "3,u", "7,w", "9,w"], ["a", "b"], .badData, "holds no numbers"),
  ])
  func mistakes(
    header: String, rows: [String], targets: [String], code: ExitCode, text: String
  ) throws {
    let failure = try #require(throws: Failure.self) { try draft(header, rows, targets) }
    #expect(failure.code == code && failure.message.contains(text), "\(failure)")
  }

  /// The sizes of a network follow from the number of samples alone.
  @Test(arguments: [
    (30, 16, 64, 1000, 2.0), (600, 32, 64, 354, 1.76), (6000, 128, 128, 112, 0.3),
    (100_000, 512, 256, 27, 0.3),
  ])
  func recipes(records: Int, batch: Int, width: Int, epochs: Int, decay: Double) throws {
    let rows = (0..<records).map { "\($0 * 7919 % 1009),\(["a", "b"][$0 % 2])" }
    let text = try draft("x,y", rows).text
    for line in [
      "batch: \(batch) ", "dense: \(width)\n", "epochs: \(epochs) ", "weight_decay: \(decay)}",
    ] {
      #expect(text.contains(line), "\(line) in \(text)")
    }
  }
}
