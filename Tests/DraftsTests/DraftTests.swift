import Diagnostics
import Drafts
import Foundation
import TestSupport
import Testing
import Training

/// Configurations that are drafted for a file: this program takes them as they are.
@Suite struct DraftTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The settings of a draft, which must be valid.
  private func settings(_ draft: Draft) throws -> RunConfiguration {
    try folder.write(draft.text, to: "\(draft.name).yaml")
    return try RunConfiguration(file: folder.path(of: "\(draft.name).yaml"), set: [])
  }

  @Test func aTableOfAllKinds() throws {
    let rows = (0..<200).map { row in
      "\(row),\(row % 7 == 0 ? "" : "\(row % 13)"),\(["a", "b"][row % 2]),s\(row % 60),"
        + "2024-01-\(10 + row % 20),\"the \(row) rooms, and a garden\","
        + (row % 3 == 0 ? "yes" : "no")
    }
    try folder.write(
      (["number,x,kind,street,day,\"a: text\",y"] + rows).joined(separator: "\n"),
      to: "all kinds.csv")
    let draft = try Draft(of: folder.path(of: "all kinds.csv"), in: folder.path)
    #expect(draft.name == "all-kinds")
    for line in [
      "label: \"y\"", "categorical: [kind]", "embedded: [street]", "dates: [day]",
      "{column: \"a: text\", vocabulary: 300}", "x: median", "indicators: true", "- number",
      "- embedding: {size: 13, input: street}", "- concat: {input: [samples, street_vector]}",
      "split: stratified",
    ] {
      #expect(draft.text.contains(line), "\(line)")
    }
    #expect(try settings(draft).name == "all-kinds")
    // Comments stand in one column, those of long lines behind them.
    let places = draft.text.split(separator: "\n").drop { $0.hasPrefix("#") }.compactMap { line in
      line.contains("  # ")
        ? line.distance(from: line.startIndex, to: line.firstIndex(of: "#")!) : nil
    }
    #expect(Set(places.filter { $0 <= 46 }).count == 1, "\(places)")
  }

  @Test func theFolderOfTheData() throws {
    let data = folder.path(of: "data")
    try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
    let rows = ["x,y"] + (0..<30).map { "\($0 * $0 % 7),\(Double($0) / 2)" }
    try folder.write(rows.joined(separator: "\n"), to: "data/t.csv")
    let file = folder.path(of: "data/t.csv")
    #expect(try Draft(of: file, in: folder.path).text.contains("  from: data "))
    #expect(try !Draft(of: file, in: data).text.contains("from:"))
    #expect(try Draft(of: file, in: "\(data)/other").text.contains("  from: \"..\" "))
  }

  @Test func filesOfOtherKinds() throws {
    try folder.write("\0\0\u{8}\u{1}", to: "x.idx")
    let failure = try #require(throws: Failure.self) {
      try Draft(of: folder.path(of: "x.idx"), in: folder.path)
    }
    #expect(failure.code == .badData && failure.message.contains("expected a table"))
    #expect(throws: Failure.self) { try Draft(of: folder.path(of: "absent.csv"), in: ".") }
  }
}
