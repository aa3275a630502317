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

  init() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../References/label_scores.json")
    golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
  }

  /// The record of some targets, sample by sample.
  private func record(_ targets: [Float], ignoresSome: Bool) -> Metrics {
    let targetsOfMetric = Metric.Targets.values(width: golden.labels, isField: false)
    var record = Metrics([Metric.meanAbsoluteError, .f1].map { $0.fitted(to: targetsOfMetric) })
    unsafe golden.values.withUnsafeBufferPointer { values in
      unsafe targets.withUnsafeBufferPointer { targets in
        guard let values = values.baseAddress, let targets = targets.baseAddress else { return }
        for sample in 0..<golden.values.count / golden.labels {
          let start = sample * golden.labels
          let predictions = unsafe ValuePredictions(
            values + start, targets + start, samples: 1, size: golden.labels, width: golden.labels,
            ignoresSome: ignoresSome, weights: [])
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
        samples: $0.positives)
    }
  }

  @Test func scoresAreThoseOfScikitLearn() throws {
    let record = record(golden.targets, ignoresSome: false)
    #expect(try rows(record) == golden.rows)
    let f1 = try #require(record["f1"])
    #expect(abs(f1 - golden.f1) < 1e-15 && record.targets(of: .f1) == 0)
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
    #expect(json.contains(#""f1": null, "accuracy": 1.0}"#))
    record = Metrics([.meanAbsoluteError])
    #expect(LabelScores(record) == nil)
  }

  /// What a metric cannot be computed from is refused by name.
  @Test func misfits() {
    #expect(Metric.f1.misfit(.classes(3), "3 classes")?.contains("is for real targets") == true)
    #expect(Metric.f1.misfit(.values(width: 3, isField: true), "") == nil)
    #expect(Metric.f1.misfit(.values(width: 2000, isField: false), "x")?.contains("1,000") == true)
    #expect(
      Metric.determination.misfit(.values(width: 3, isField: true), "")?.contains("mae") == true)
    #expect(Metric.intersectionOverUnion.misfit(.classes(1001), "")?.contains("1,000") == true)
    #expect(Metric("f1") == .f1 && Metric.names.contains("f1") && Metric.help.contains("f1 ("))
  }
}
