import Foundation
import Reports
import Testing

/// Precision, recall and F1 against those of scikit-learn.
@Suite struct LabelScoresTests {
  private struct Golden: Decodable {
    struct Row: Decodable, Equatable {
      let precision: Double?
      let recall: Double?
      let f1: Double?
      let accuracy: Double
      let samples: Int
    }

    let labels: Int
    let values: [Float]
    let targets: [Float]
    let ignored: [Bool]
    let rows: [Row]
    let rows_without_ignored: [Row]
    let f1: Double
  }

  private let golden: Golden

  private static func targets(_ labels: Int) -> Metric.Targets {
    .values(width: labels, isField: false, areLabels: true)
  }

  init() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../References/label_scores.json")
    golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
  }

  /// The record of some targets, sample by sample.
  private func record(_ targets: [Float], ignoresSome: Bool) -> Metrics {
    var record = Metrics(
      ["mae", "f1"].compactMap { Metric($0, fitting: Self.targets(golden.labels)) })
    unsafe golden.values.withUnsafeBufferPointer { values in
      unsafe targets.withUnsafeBufferPointer { targets in
        guard let values = values.baseAddress, let targets = targets.baseAddress else { return }
        for sample in 0..<golden.values.count / golden.labels {
          let start = sample * golden.labels
          let predictions = unsafe ValuePredictions(
            values + start, targets + start, samples: 1, size: golden.labels, width: golden.labels,
            ignoresSome: ignoresSome, factors: [])
          for (place, metric) in record.kinds.enumerated() {
            metric.add(predictions, to: &record, at: record.place(ofMetric: place))
          }
        }
      }
    }
    return record
  }

  private func rows(_ record: Metrics) throws -> [Golden.Row] {
    try #require(LabelScores(record)).rows.map {
      Golden.Row(
        precision: $0.precision, recall: $0.recall, f1: $0.f1, accuracy: $0.accuracy ?? .nan,
        samples: Int($0.positives))
    }
  }

  @Test func scoresAreThoseOfScikitLearn() throws {
    let record = record(golden.targets, ignoresSome: false)
    #expect(try rows(record) == golden.rows)
    let f1 = try #require(record["f1"])
    #expect(abs(f1 - golden.f1) < 1e-15 && record.targets(of: record.kinds[1]) == 0)
    // One label is never predicted, another one neither there nor predicted.
    #expect(golden.rows[3].recall == 0 && golden.rows[4].f1 == nil)
  }

  @Test func ignoredTargetsCountNowhere() throws {
    let targets = zip(golden.targets, golden.ignored).map { $1 ? Float.nan : $0 }
    #expect(try rows(record(targets, ignoresSome: true)) == golden.rows_without_ignored)
    #expect(golden.rows_without_ignored != golden.rows)
  }

  @Test func recordsAreAddedAndReadBack() throws {
    let record = record(golden.targets, ignoresSome: false)
    #expect(record.names.prefix(5) == ["loss", "mae", "f1", "f1/0", "f1/1"])
    #expect(record.names.count == 3 + 3 * golden.labels)
    let read = Metrics(
      record.kinds, samples: record.samples, sums: record.sums, targets: record.targets)
    #expect(read == record)
    var twice = record
    twice += record
    #expect(twice["f1"] == record["f1"])
  }

  @Test func aLineForEachLabel() throws {
    var record = record(golden.targets, ignoresSome: false)
    let scores = try #require(LabelScores(record))
    let lines = scores.lines(["disc", "b", "c", "d", "e"])
    #expect(lines.count == 2 + golden.labels)
    #expect(
      lines[0].split(separator: " ") == [
        "label", "samples", "precision", "recall", "f1", "accuracy",
      ])
    #expect(lines[2].hasPrefix("disc ") && lines[6].hasPrefix("e "))
    #expect(scores.lines([])[2].hasPrefix("label 1 "))
    let json = JSONValue.object(scores.members(["disc", "b", "c", "d", "e"])).description
    #expect(json.hasPrefix(#"{"labels": [{"name": "disc", "samples": "#))
    #expect(json.contains(#""f1": null, "accuracy": 1.0, "auc": null}"#))
    record = Metrics([.meanAbsoluteError])
    #expect(LabelScores(record) == nil)
  }

  @Test func areasHaveAColumn() throws {
    let scores = try #require(
      LabelScores(
        record(golden.targets, ignoresSome: false), areas: [0.75, nil, 1, 0.5, 0.25]))
    let lines = scores.lines([])
    #expect(lines[0].hasSuffix("     auc") && lines[2].hasSuffix("  0.7500"))
    #expect(JSONValue.object(scores.members([])).description.contains(#""auc": 0.75}"#))
  }

  /// What a metric cannot be computed from is refused by name.
  @Test func misfits() throws {
    func misfit(_ name: String, _ targets: Metric.Targets) throws -> String? {
      try #require(Metric(name, fitting: targets)).misfit(targets, "3 numbers")
    }
    let numbers = Metric.Targets.values(width: 3, isField: false)
    for name in ["f1", "recall_micro", "auc", "pr_auc_weighted", "log_loss", "accuracy"] {
      #expect(try misfit(name, Self.targets(3)) == nil)
      #expect(
        try misfit(name, numbers)?.contains("labels of 0 or 1 with the loss binary_cross_entropy")
          == true)
      #expect(try misfit(name, .classes(3, having: .probabilities)) == nil)
    }
    #expect(try misfit("f1", Self.targets(1000)) == nil)
    #expect(try misfit("f1", Self.targets(1001))?.contains("1,000") == true)
    #expect(try misfit("log_loss", .classes(3))?.contains("needs probabilities") == true)
    #expect(try misfit("auc", .classes(1))?.contains("needs 2 classes") == true)
    #expect(try misfit("top2", numbers)?.contains("counts classes") == true)
    #expect(try misfit("median_error", .classes(3))?.contains("is for real targets") == true)
    #expect(try misfit("median_error", .values(width: 5000, isField: true)) == nil)
    #expect(
      Metric.determination.misfit(.values(width: 3, isField: true), "")?.contains("mae") == true)
    #expect(Metric.intersectionOverUnion.misfit(.classes(1001), "")?.contains("1,000") == true)
    #expect(Metric.names.contains("f1_macro") && Metric.help.contains("f1 ("))
    #expect(Set(Metric.names).count == Metric.names.count)
  }
}
