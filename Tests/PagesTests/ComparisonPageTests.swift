import Foundation
import Pages
import Reports
import RunFiles
import Testing

@Suite struct ComparisonPageTests {
  /// The cells of the table, row by row, and the headings first.
  private static func table(_ records: [RunRecord]) -> [[String]] {
    let html = ComparisonPage(records).html
    guard let start = html.range(of: "<table class=\"sortable compare\">"),
      let end = html.range(of: "</table>", range: start.upperBound..<html.endIndex)
    else { return [] }
    return html[start.upperBound..<end.lowerBound].components(separatedBy: "<tr>").dropFirst().map {
      row in
      row.components(separatedBy: "</t").dropLast().compactMap { cell in
        cell.hasPrefix("r>") || cell.hasPrefix("head>") || cell.hasPrefix("body>")
          ? nil
          : cell.replacing(/<[^>]*>/, with: "").replacing(/^[hd]>/, with: "")
            .trimmingCharacters(in: .whitespaces)
      }
    }
  }

  private static func record(_ name: String, _ configuration: String) -> RunRecord {
    var record = RunRecord(path: "runs/\(name)")
    record.configuration = configuration
    return record
  }

  @Test func settingsThatDifferAreColumns() {
    let table = Self.table([
      Self.record(
        "a",
        """
        name: a
        seed: 1
        data: {dataset: mnist, batch: 64}
        model: [{conv: 16}, relu, {dense: 10}]
        optimizer: {adam: {learning_rate: 0.003}}
        """),
      Self.record(
        "b",
        """
        name: b
        seed: 1
        data: {dataset: mnist, batch: 32}
        model: [{conv: 32}, relu, {dense: 10}]
        optimizer: {sgd: {learning_rate: 0.1}}
        clip: {norm: 5}
        """),
      Self.record("damaged", "a: [1, 2\nb: }"),
    ])
    #expect(table.first?.first == "run")
    let settings = Dictionary(
      uniqueKeysWithValues: (table.first ?? []).enumerated().map { place, heading in
        (heading, table.dropFirst().map { $0[place] })
      })
    #expect(settings["run"] == ["a", "b", "damaged"])
    #expect(settings["data.batch"] == ["64", "32", ""])
    #expect(settings["optimizer.adam.learning_rate"] == ["0.003", "", ""])
    #expect(settings["clip.norm"] == ["", "5", ""])
    // What is equal, and what a damaged text does not have, is no difference.
    for key in ["name", "seed", "data.dataset", "model[1]"] { #expect(settings[key] == nil) }
  }

  @Test func listsOfOneLengthAreComparedElementByElement() {
    func headings(_ a: String, _ b: String) -> [String] {
      let table = Self.table([Self.record("a", a), Self.record("b", b)])
      return (table.first ?? []).filter { !["run", "epochs", "time", ""].contains($0) }
    }
    #expect(
      headings("model: [{conv: 16}, relu]", "model: [{conv: 32}, relu]") == ["model[0].conv"])
    #expect(headings("model: [relu]", "model: [relu, relu]") == ["model"])
    #expect(headings("a: {b: 1}", "a: {b: 1}\nc: 2") == ["c"])
    #expect(headings("a: {b: 1}", "a: x") == ["a"])
    #expect(headings("a: 1", "a: 1") == [])
  }

  @Test func theBestOfEachMetricIsMarked() throws {
    var records = Records()
    let runs = [6, 20, 9].map { records.classifier(name: "conv-\($0)", epochs: $0) }
    let html = ComparisonPage(runs).html
    let best = runs.map { run in
      run.metrics[.validation, "accuracy"]?.points.map(\.value).max() ?? 0
    }
    let greatest = try #require(best.max())
    #expect(html.contains("<td data-value=\"\(greatest)\" class=\"best\">"))
    for value in best where value < greatest {
      #expect(!html.contains("<td data-value=\"\(value)\" class=\"best\">"))
    }
    let losses = runs.flatMap { $0.metrics[.validation, "loss"]?.points.map(\.value) ?? [] }
    let least = try #require(losses.min())
    #expect(html.contains("<td data-value=\"\(least)\" class=\"best\">"))
  }

  /// What is lower for another loss is no better.
  @Test func runsOfDifferentTasksHaveNoBest() {
    var records = Records()
    var runs = [6, 20].map { records.classifier(name: "conv-\($0)", epochs: $0) }
    runs[0].configuration.replace("dataset: mnist", with: "dataset: cifar10")
    #expect(!ComparisonPage(runs).html.contains("class=\"best\""))
    #expect(!ComparisonPage([records.regression(), runs[1]]).html.contains("class=\"best\""))
  }

  @Test func runsOfDifferentTasksStandSideBySide() throws {
    var records = Records()
    let table = Self.table([
      records.classifier(), records.regression(), records.generator(), RunRecord(path: "runs/none"),
    ])
    let headings = try #require(table.first)
    for name in ["best accuracy", "best mae", "best r2", "last wasserstein", "epochs", "time"] {
      #expect(headings.contains(name), "\(name)")
    }
    let mae = try #require(headings.firstIndex(of: "best mae"))
    #expect(table[1][mae] == "" && table[2][mae] != "" && table[4][mae] == "")
  }

  @Test func equalNamesAreToldApartByTheirPaths() {
    let page = ComparisonPage([
      RunRecord(path: "a/conv"), RunRecord(path: "b/conv"), RunRecord(path: "b/lstm"),
    ])
    for name in ["a/conv", "b/conv", "lstm"] {
      #expect(page.html.contains("<strong>\(name)</strong>"))
    }
  }
}
