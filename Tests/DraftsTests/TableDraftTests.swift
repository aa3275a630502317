import Diagnostics
import TestSupport
import Testing

@testable import Drafts

/// What columns of a table are taken for, and which one is to be predicted.
@Suite struct TableDraftTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func draft(_ header: String, _ rows: [String], _ targets: [String] = []) throws
    -> TableDraft
  {
    try folder.write(([header] + rows).joined(separator: "\n") + "\n", to: "t.csv")
    return try TableDraft(folder.path(of: "t.csv"), targets: targets)
  }

  /// Fifty records with a column of each kind.
  private func everything() throws -> TableDraft {
    let rows = (0..<100).map { row -> String in
      let (kind, city) = (["red", "blue"][row % 2], "city\(row % 40)")
      let day = "2024-0\(1 + row % 9)-1\(row % 10)"
      let words = "a house with \(row) rooms and \(row % 7) doors"
      let part = ["train", "train", "test"][row % 3]
      return "\(row + 1),\(Double(row) / 7),\(kind),\(city),\(day),\(words),x\(row),same,"
        + "\(row % 5 == 0 ? "NA" : "\(row % 11)"),\(part),\(Double(row * row))"
    }
    return try draft("id,area,kind,city,built,text,code,one,gaps,part,price", rows)
  }

  @Test func rolesOfColumns() throws {
    let draft = try everything()
    let roles = Dictionary(uniqueKeysWithValues: zip(draft.table.columns.map(\.name), draft.roles))
    #expect(roles["area"] == .number)
    #expect(roles["kind"] == .category(words: 2))
    #expect(roles["city"] == .embedded(words: 40))
    #expect(roles["built"] == .date)
    #expect(roles["text"] == .text)
    #expect(roles["gaps"] == .number)
    #expect(roles["part"] == .part)
    #expect(roles["price"] == .target)
    for name in ["id", "code", "one"] {
      guard case .ignored? = roles[name] else {
        Issue.record("\(name) is \(String(describing: roles[name]))")
        continue
      }
    }
    #expect(draft.outcome == .numbers(1))
  }

  @Test func theTargetIsGuessed() throws {
    let rows = (0..<30).map { "\($0 % 3),\($0 * $0 % 17).5,\($0 % 2 == 0 ? "yes" : "no")" }
    #expect(try draft("class,x,z", rows).targets.map(\.name) == ["class"])
    #expect(try draft("a,x,z", rows).targets.map(\.name) == ["z"])
    let classes = try draft("class,x,z", rows)
    #expect(classes.outcome == .classes(3, fewest: 10))
    #expect(try draft("a,x,z", rows, ["x"]).outcome == .numbers(1))
    #expect(try draft("a,x,z", rows, ["a", "x"]).outcome == .numbers(2))
  }

  @Test(arguments: [
    ("a,b", ["1,2"], ["c"], ExitCode.usage, "no column 'c'"),
    ("a,b", [], [], .badData, "no record"),
    ("a,b", ["1,5", "2,5", "4,5"], ["b"], .badData, "same value"),
    ("a,b", ["1,u", "3,v", "7,w"], ["b"], .badData, "different word"),
    ("a,b", ["1,1", "1,2", "1,4"], ["b"], .badData, "no column is left"),
    ("a,b", ["1,u", "3,u", "7,w", "9,w"], ["a", "b"], .badData, "holds no numbers"),
  ])
  func mistakes(
    header: String, rows: [String], targets: [String], code: ExitCode, text: String
  ) throws {
    let failure = try #require(throws: Failure.self) { try draft(header, rows, targets) }
    #expect(failure.code == code && failure.message.contains(text), "\(failure)")
  }

  @Test func sizesOfVectors() {
    #expect(ColumnRole.vectorSize(of: 2) == 4)
    #expect(ColumnRole.vectorSize(of: 40) == 11)
    #expect(ColumnRole.vectorSize(of: 1_000_000) == 50)
  }
}
