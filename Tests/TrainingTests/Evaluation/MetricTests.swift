import Datasets
import Diagnostics
import Foundation
import Reports
import TestSupport
import Testing
import Training

@Suite struct MetricTests {
  @Test(arguments: [
    ("accuracy", Metric.top(1)), ("top2", .top(2)), ("top5", .top(5)), ("top100", .top(100)),
    ("mae", .meanAbsoluteError), ("r2", .determination),
    ("match", .match), ("iou", .intersectionOverUnion),
  ])
  func namesAreReadAndWritten(_ name: String, _ metric: Metric) {
    #expect(Metric(name) == metric && metric.name == name)
  }

  @Test(arguments: [
    "top1", "top0", "top", "top05", "top-5", "top+5", "topfive", "Accuracy", "", "r3",
  ])
  func otherNamesAreNone(_ name: String) { #expect(Metric(name) == nil) }

  /// What is said of metrics that cannot be, of ten classes.
  @Test(arguments: [
    ("[acuracy]", "unknown metric 'acuracy' (did you mean 'accuracy'?)"),
    ("[top11]", "top11 needs 11 classes, the data has 10"),
    ("[mae]", "mae is for real targets, the data has 10 classes: use accuracy"),
    ("[rmse]", "rmse is for real targets, the data has 10 classes: use accuracy"),
    ("[accuracy, top3, accuracy]", "accuracy is listed twice"),
  ])
  func refuses(_ list: String, _ message: String) {
    let sample = Sample(train: "{metrics: \(list)}")
    #expect(throws: Failure(.badConfiguration, "run.yaml:9:18: train.metrics: \(message)")) {
      try sample.experiment()
    }
  }

  /// The reference: how many classes have a greater value than that of the sample.
  @Test func topClassesAreCounted() throws {
    let all = ["top3", "accuracy", "top10", "top2", "top4", "top5", "top6", "top7", "top8", "top9"]
    let sample = Sample(train: "{metrics: [\(all.joined(separator: ", "))]}")
    try withTrainer(sample.experiment()) { trainer in
      try trainer.train(to: 3)
      let found = try #require(try trainer.validate())
      let metrics = found.values
      #expect(metrics.map(\.metric.name) == all)
      #expect(metrics[2].value == 1)
      #expect(metrics[1].value < metrics[3].value && metrics[3].value < metrics[0].value)
      #expect(zip(metrics[4...], metrics[5...]).allSatisfy { $0.value <= $1.value })
      let confusion = try #require(try trainer.evaluator?.confusion())
      let diagonal = confusion.counts.indices.reduce(0) { $0 + confusion.counts[$1][$1] }
      #expect(Double(diagonal) == found.sum(of: Metrics.entry(ofMetric: 1)))
      #expect(confusion.counts.joined().reduce(0, +) == 70)
    }
  }

  private func table(_ targets: String, metrics: String? = nil, loss: String = "mse") throws
    -> Experiment
  {
    let text = """
      name: table
      data:
        dataset: table
        samples: [[1], [2], [3], [4]]
        targets: \(targets)
        batch: 3
      model: [{dense: {units: 2, weight: [[1], [2]], bias: [0, 1]}}]
      loss: \(loss)
      optimizer: {sgd: 1e-30}
      train: {epochs: 1\(metrics.map { ", metrics: \($0)" } ?? "")}
      """
    return try Experiment(RunConfiguration(text: text, source: "table.yaml"))
  }

  /// The figures of one epoch in which nothing is learnt.
  private func epoch(_ experiment: Experiment) throws -> [(metric: Metric, value: Double)] {
    try withTrainer(experiment) { trainer in
      var (sampler, totals) = (experiment.sampler, Metrics(experiment.metrics))
      for step in 0..<2 { totals += try trainer.step(sampler.batch(atStep: step)).metrics }
      return totals.values
    }
  }

  /// Predictions are x and 2x + 1.
  @Test func errorsOfRealTargets() throws {
    let metrics = try epoch(table("[[1, 4], [2, 5], [3, 6], [6, 9]]"))
    #expect(metrics.map(\.metric) == [.meanAbsoluteError, .determination])
    // Errors 0, 0, 0, -2 and -1, 0, 1, 0; variances 3.5 and 3.5.
    #expect(isClose(metrics[0].value, 4.0 / 8, relative: 1e-12))
    #expect(isClose(metrics[1].value, 1 - (4 / 3.5 + 2 / 3.5) / 8, relative: 1e-12))
  }

  /// The greater of x and 2x + 1 is the second; a single output is right when it is near.
  @Test func matchesAreCounted() throws {
    let metrics = try epoch(table("[[1, 4], [5, 2], [3, 6], [9, 6]]", metrics: "[match]"))
    #expect(metrics.map(\.metric) == [.match] && metrics[0].value == 0.5)
  }

  /// Both labels are predicted for every sample, and half of the samples have each.
  @Test func labelsAreScored() throws {
    let metrics = try epoch(
      table("[[1, 0], [0, 1], [1, 1], [0, 0]]", metrics: "[f1]", loss: "binary_cross_entropy"))
    #expect(
      metrics.map(\.metric.name) == ["f1"] && isClose(metrics[0].value, 4.0 / 6, relative: 1e-15))
  }

  /// An output whose targets are all the same says nothing of how much is explained.
  @Test func targetsThatDoNotVaryAreLeftOut() throws {
    let some = try epoch(table("[[1, 5], [2, 5], [3, 5], [6, 5]]", metrics: "[r2]"))
    #expect(isClose(some[0].value, 1 - 4 / 3.5 / 4, relative: 1e-12))
    let none = try epoch(table("[[1, 5], [1, 5], [1, 5], [1, 5]]", metrics: "[r2, mae]"))
    #expect(none[0].value.isNaN && none[1].value.isFinite)
  }

  /// Log-odds and logits become probabilities before they are compared with targets.
  @Test func probabilitiesAreComparedWithTargets() throws {
    let targets = "[[0, 1], [1, 0], [0.5, 0.5], [0, 1]]"
    let flat: [Double] = [0, 1, 1, 0, 0.5, 0.5, 0, 1]
    func sigmoid(_ z: Double) -> Double { 1 / (1 + exp(-z)) }
    var (odds, shares): ([Double], [Double]) = ([], [])
    for x in [1.0, 2, 3, 4] {
      odds += [sigmoid(x), sigmoid(2 * x + 1)]
      // Of two, the softmax is the sigmoid of their difference.
      shares += [sigmoid(-x - 1), sigmoid(x + 1)]
    }
    for (loss, probabilities) in [("binary_cross_entropy", odds), ("cross_entropy", shares)] {
      let metrics = try epoch(table(targets, metrics: "[mae, match]", loss: loss))
      var sum = 0.0
      for (probability, target) in zip(probabilities, flat) { sum += abs(probability - target) }
      #expect(isClose(metrics[0].value, sum / 8, relative: 1e-6), "\(loss): \(metrics[0].value)")
      #expect(metrics[1].value == 0.5)
    }
  }

  @Test func whatIsFollowedUnlessItIsSaid() throws {
    let targets = "[[0, 1], [1, 0], [1, 1], [0, 1]]"
    for (loss, metrics) in [
      ("cross_entropy", [Metric.match]),
      ("binary_cross_entropy", [.meanAbsoluteError, .determination]),
      ("mse", [.meanAbsoluteError, .determination]),
    ] { #expect(try table(targets, loss: loss).metrics == metrics) }
    #expect(try table(targets, metrics: "[]").metrics.isEmpty)
    #expect(throws: Failure.self) { try table(targets, metrics: "[accuracy]") }
  }
}
