import Foundation
import Reports
import Testing

/// Metrics of random predictions against those of scikit-learn.
@Suite struct AnswersTests {
  private struct Case: Decodable {
    let kind: String
    let form: String
    let width: Int
    let numbers: [Float]
    let truth: [Float]
    let weights: [Float]?
    let expected: [String: Double?]

    var targets: Metric.Targets {
      kind == "classes"
        ? .classes(width, having: .probabilities)
        : .values(width: width, isField: false, areLabels: kind == "labels")
    }

    var answers: Answers {
      let samples = kind == "classes" ? truth.count : truth.count / width
      return Answers(
        numbers,
        kind == "classes"
          ? .labels(truth.map { Int32($0) }, classes: width) : .values(truth), samples: samples,
        size: kind == "classes" ? 1 : width, width: width, ignoresSome: false,
        form: form == "logits" ? .logits : .probabilities, weights: weights)
    }
  }

  private let cases: [Case]

  init() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../References/metrics.json")
    cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: file))
  }

  /// The values of metrics, of which those of the whole set are computed at once.
  private func values(
    _ metrics: [Metric], _ answers: Answers, blocks: Int = 1
  ) -> [String: Double] {
    var record = Metrics(metrics)
    let places = metrics.enumerated().map { (place: $0.offset, metric: $0.element) }
    for block in 0..<blocks {
      var part = Metrics(metrics)
      let bounds = [block, block + 1].map { $0 * answers.samples / blocks }
      answers.add(bounds[0]..<bounds[1], of: places, threshold: nil, factors: [], to: &part)
      record += part
    }
    let wholes = places.compactMap { place, metric in metric.score.map { (place, $0) } }
    let scores = WholeSetScores(wholes.map(\.1), of: answers)
    for ((place, _), value) in zip(wholes, scores.values(answers.weights)) {
      record.set(value, ofMetric: place)
    }
    return Dictionary(record.values.map { ($0.metric.name, $0.value) }) { $1 }
  }

  private func isClose(_ found: Double?, _ expected: Double?) -> Bool {
    guard let found, let expected else { return found == nil && expected == nil }
    return abs(found - expected) <= 1e-9 * max(1, abs(expected))
  }

  @Test func metricsAreThoseOfScikitLearn() throws {
    #expect(cases.count == 420)
    var seen: [String: Int] = [:]
    for (number, one) in cases.enumerated() {
      // R² needs the variance of the dataset; here that of the set is computed.
      let names = one.expected.keys.sorted().filter { $0 != "r2" }
      let metrics = try names.map { try #require(Metric($0, fitting: one.targets)) }
      for metric in metrics { #expect(metric.misfit(one.targets, "data") == nil) }
      let found = values(metrics, one.answers)
      for name in names {
        let expected = one.expected[name] ?? nil
        #expect(
          isClose(found[name], expected),
          "case \(number): \(name) of \(one.kind) is \(found[name] ?? .nan), not \(expected ?? .nan)"
        )
        seen["\(one.kind) \(name)", default: 0] += 1
      }
      if let r2 = one.expected["r2"] {
        let value = WholeSetScores([.determination], of: one.answers).values(one.answers.weights)[0]
        #expect(isClose(value, r2), "case \(number): r2")
      }
    }
    // Of classes, of labels, of real targets.
    #expect(seen.count == 26 + 24 + 4)
  }

  /// Shards add up: parts of a set have the sums of the whole.
  @Test func partsOfASetAddUp() throws {
    for one in cases.prefix(60) {
      let metrics = one.expected.keys.sorted().compactMap { Metric($0, fitting: one.targets) }
        .filter { !$0.needsVariances }
      let (whole, parts) = (values(metrics, one.answers), values(metrics, one.answers, blocks: 3))
      #expect(whole.keys == parts.keys)
      for (name, value) in whole { #expect(isClose(parts[name], value), "\(name)") }
    }
  }

  /// A weight of 2 is a sample twice.
  @Test func aWeightIsANumberOfSamples() throws {
    for one in cases.prefix(90) where one.weights == nil {
      let answers = one.answers
      let counts = (0..<answers.samples).map { [1, 0, 3, 2][$0 % 4] }
      let perSample = one.numbers.count / answers.samples
      func rows<Number>(_ all: [Number], _ size: Int) -> [Number] {
        counts.enumerated().flatMap { sample, count in
          (0..<count).flatMap { _ in all[sample * size..<(sample + 1) * size] }
        }
      }
      let again = Case(
        kind: one.kind, form: one.form, width: one.width, numbers: rows(one.numbers, perSample),
        truth: rows(one.truth, one.truth.count / answers.samples), weights: nil, expected: [:])
      let weighed = Case(
        kind: one.kind, form: one.form, width: one.width, numbers: one.numbers, truth: one.truth,
        weights: counts.map { Float($0) }, expected: [:])
      let metrics = one.expected.keys.sorted().compactMap { Metric($0, fitting: one.targets) }
        .filter { !$0.needsVariances }
      let (found, expected) = (values(metrics, weighed.answers), values(metrics, again.answers))
      #expect(found.keys == expected.keys)
      for (name, value) in expected { #expect(isClose(found[name], value), "\(one.kind) \(name)") }
    }
  }

  /// What is ignored counts nowhere.
  @Test func ignoredTargetsAreLeftOut() throws {
    let classes = Answers(
      [0.2, 0.8, 0.7, 0.3, 0.4, 0.6], .labels([1, -1, 1], classes: 2), samples: 3, size: 1,
      width: 1, ignoresSome: true, form: .probabilities)
    let counted = Answers(
      [0.2, 0.8, 0.4, 0.6], .labels([1, 1], classes: 2), samples: 2, size: 1, width: 1,
      ignoresSome: false, form: .probabilities)
    let metrics = ["accuracy", "f1", "log_loss", "pr_auc", "auc"].compactMap {
      Metric($0, fitting: .classes(2, having: .probabilities))
    }
    #expect(values(metrics, classes) == values(metrics, counted))
    let real = Answers(
      [1, 2, 3, 4], .values([2, .nan, 3, 8]), samples: 2, size: 2, width: 2, ignoresSome: true,
      form: .scores)
    let errors = ["mae", "median_error", "mape"].compactMap {
      Metric($0, fitting: .values(width: 2, isField: false))
    }
    #expect(values(errors, real) == ["mae": 5.0 / 3, "median_error": 2.25, "mape": 1.0 / 3])
  }
}
