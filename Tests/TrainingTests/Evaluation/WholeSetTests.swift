import Checkpoints
import Communication
import Datasets
import Diagnostics
import Execution
import Foundation
import Reports
import TestSupport
import Testing
import Training

/// Metrics that need all answers of a set, thresholds and intervals: the network returns its
/// samples, so that answers are known.
@Suite struct WholeSetTests {
  private let names = [
    "accuracy", "auc", "auc_micro", "auc_weighted", "pr_auc", "pr_auc_macro", "f1",
    "recall_weighted",
    "balanced_accuracy", "log_loss", "brier", "calibration_error", "top2",
  ]

  /// Runs a body with an evaluator of metrics by their names.
  private func evaluating<Result>(
    _ logits: Logits, _ names: [String], workers: Int = 2, threshold: Double? = nil,
    _ body: (Evaluator, Metrics) throws -> Result
  ) throws -> Result {
    let pool = try WorkerPool(count: workers)
    defer { pool.stop() }
    // Programs read its weights where they are.
    let state = try ModelState(logits.experiment)
    defer { withExtendedLifetime(state) {} }
    let evaluator = try Evaluator(
      logits.data, of: logits.experiment, state: state,
      communicator: .start(), pool: pool, metrics: logits.experiment.metrics(evaluating: names),
      threshold: threshold, keepsAnswers: true)
    try evaluator.makeSessions()
    return try body(evaluator, evaluator.evaluate())
  }

  @Test(arguments: [(150, 2, false), (150, 3, true), (64, 4, false), (1, 2, false), (65, 2, true)])
  func metricsAreThoseOfTheAnswers(_ count: Int, _ classes: Int, _ isWeighted: Bool) throws {
    let logits = try Logits(count, classes: classes, isWeighted: isWeighted)
    let found = try (1...4).map { workers in
      try evaluating(logits, names, workers: workers) { $1 }
    }
    let expected = logits.record(of: found[0].kinds)
    #expect(found.allSatisfy { $0 == found[0] } && found[0].kinds.map(\.name) == names)
    #expect(found[0].values.map(\.metric) == expected.values.map(\.metric))
    for (one, other) in zip(found[0].values, expected.values) {
      let isExact = one.metric.needsWholeSet
      #expect(
        isExact ? one.value == other.value : isClose(one.value, other.value, relative: 1e-12),
        "\(one.metric.name) is \(one.value), not \(other.value)")
    }
  }

  /// A loss that is -log p says the same as log_loss, whatever makes probabilities.
  @Test(arguments: [
    ("cross_entropy", "[{dense: 2}]"), ("cross_entropy", "[{dense: 2}, softmax]"),
    ("binary_cross_entropy", "[{dense: 1}]"), ("binary_cross_entropy", "[{dense: 1}, sigmoid]"),
    ("cross_entropy", "[{dense: 2}, tanh]"),
  ])
  func probabilitiesAreThoseOfTheLoss(_ loss: String, _ model: String) throws {
    var sample = Sample(model: "[flatten, \(model.dropFirst())", train: "{metrics: [log_loss]}")
    sample.data = "validation: test"
    let text = sample.text.replacing("loss: cross_entropy", with: "loss: \(loss)")
    var random = XorShift(seed: 8)
    let labels = (0..<100).map { _ in Int32(random.integer(in: 0...1)) }
    let data = Dataset(
      shape: [3], elements: .floats((0..<300).map { _ in Float(random.number(in: -2...2)) }),
      targets: .classes(labels, names: ["a", "b"]),
      normalisation: Normalisation(scale: 1, mean: 0, deviation: 1))
    let experiment = try Experiment(
      RunConfiguration(text: text, source: "run.yaml"),
      data: Splits(training: data, test: data, validation: .test, seed: 1))
    let found = try withTrainer(experiment) { try $0.validate() }
    let record = try #require(found)
    #expect(isClose(try #require(record["log_loss"]), record.loss, relative: 1e-6))
  }

  /// The chosen threshold decides for metrics and for the confusion matrix, and is the one that the
  /// answers give.
  @Test(arguments: ["f1", "accuracy", "youden"]) func thresholdsDecide(_ name: String) throws {
    let logits = try Logits(
      150, classes: 2, isWeighted: name == "accuracy",
      train: "{metrics: [f1, accuracy, auc], threshold: \(name)}")
    let goal = try #require(ThresholdGoal(rawValue: name))
    let expected = try #require(goal.threshold(of: logits.answers))
    try withTrainer(logits.experiment) { trainer in
      let found = try #require(try trainer.validate())
      let evaluator = try #require(trainer.evaluator)
      #expect(evaluator.threshold == expected)
      // The same threshold, given from the start, decides alike.
      let given = try evaluating(logits, ["f1", "accuracy", "auc"], threshold: expected) {
        ($1, try $0.confusion())
      }
      #expect(try evaluator.confusion() == given.1)
      for name in ["f1", "accuracy", "auc"] {
        #expect(isClose(found[name] ?? .nan, given.0[name] ?? 0, relative: 1e-12), "\(name)")
      }
      let plain = try evaluating(logits, ["f1", "accuracy"]) { ($1, try $0.confusion()) }
      #expect((found[name] ?? 1) >= plain.0[name] ?? 0)
      guard name == "f1" else { return }
      #expect(plain.1 != given.1 && expected != 0.5)
    }
  }

  /// A checkpoint tells how to decide, and a resumed run saves the same until it validates.
  @Test func checkpointsHoldTheThreshold() throws {
    let logits = try Logits(150, classes: 2, train: "{epochs: 2, threshold: f1}")
    let directory = try TemporaryDirectory()
    try train(logits.experiment, in: directory)
    let expected = try #require(ThresholdGoal.f1.threshold(of: logits.answers))
    try usingHDF5 {
      let file = try #require(try CheckpointDirectory(directory.path).latest())
      let coding = try SampleCoding(text: Checkpoint(opening: file).coding, source: file)
      #expect(coding.threshold == expected)
      // How data are read does not depend on it.
      #expect(KnownCoding(coding).coding.threshold == nil)
      try withTrainer(logits.experiment) { trainer in
        let history = try CheckpointLoader(trainer.experiment, communicator: .start())
          .restore(trainer.state, from: file, computing: trainer.fingerprint)
        #expect(history.threshold == expected)
      }
    }
  }

  // MARK: Intervals

  @Test func intervalsDoNotDependOnWorkers() throws {
    let logits = try Logits(150, classes: 3, isWeighted: true)
    let found = try (1...4).map { workers in
      try evaluating(logits, names, workers: workers) { evaluator, _ in
        try #require(try evaluator.intervals(draws: 101, seed: 7))
      }
    }
    #expect(found.allSatisfy { $0 == found[0] } && found[0].intervals.count == names.count)
    let other = try evaluating(logits, names) { evaluator, _ in
      try evaluator.intervals(draws: 101, seed: 8)
    }
    #expect(other != found[0])
    let none = try evaluating(logits, names) { evaluator, _ in
      try evaluator.intervals(draws: 0, seed: 8)
    }
    #expect(none == nil)
    // Values lie in what is drawn around them.
    let values = logits.record(of: found[0].intervals.map(\.metric))
    for interval in found[0].intervals where interval.metric.name != "calibration_error" {
      let value = try #require(values[interval.metric.name])
      #expect(interval.low <= value && value <= interval.high, "\(interval.metric.name)")
    }
  }

  /// Of accuracies of 200 samples, the intervals around some hold the true one about as often as
  /// they say.
  @Test func intervalsHoldTheTruth() throws {
    var held = 0
    let runs = 150
    for run in 0..<runs {
      var random = XorShift(seed: UInt64(1000 + run))
      let labels = (0..<200).map { _ in Int32(random.number(in: 0...1) < 0.7 ? 1 : 0) }
      let answers = Answers(
        labels.flatMap { _ in [Float(0), 1] }, .labels(labels, classes: 2), samples: 200, size: 1,
        width: 1, ignoresSome: false, form: .probabilities)
      let accuracy = Metric.top(1)
      let resampling = Resampling(
        answers, [(0, accuracy)], [accuracy], threshold: nil, seed: UInt64(run))
      let values = (0..<300).map { resampling.values(ofDraw: $0)[0] ?? .nan }
      let interval = MetricIntervals([(accuracy, values)], draws: 300).intervals[0]
      if interval.low <= 0.7, 0.7 <= interval.high { held += 1 }
    }
    // 95 % of 150 are 142.5, of which 12 are 4.5 deviations.
    #expect((130...150).contains(held), "\(held) of \(runs)")
  }

  /// A sample that is drawn twice counts twice: as in the set in which it stands twice.
  @Test func drawsAreSets() throws {
    let logits = try Logits(40, classes: 3)
    let metrics = try logits.experiment.metrics(evaluating: names)
    let own = metrics.enumerated().map { (place: $0.offset, metric: $0.element) }
    let resampling = Resampling(logits.answers, own, metrics, threshold: nil, seed: 3)
    guard case .floats(let numbers) = logits.data.elements,
      case .classes(let labels, _, _) = logits.data.targets
    else { return }
    for draw in 0..<5 {
      let samples = resampling.samples(ofDraw: draw)
      #expect(samples.count == 40 && Set(samples).count < 35)
      let drawn = Answers(
        samples.flatMap { numbers[$0 * 3..<$0 * 3 + 3] },
        .labels(samples.map { labels[$0] }, classes: 3), samples: 40, size: 1, width: 1,
        ignoresSome: false, form: .logits)
      var record = Metrics(metrics)
      drawn.add(0..<40, of: own, threshold: nil, factors: [], to: &record)
      let scored = own.filter { $0.metric.needsWholeSet }
      let values = WholeSetScores(scored.compactMap(\.metric.score), of: drawn).values(
        drawn.weights)
      for ((place, _), value) in zip(scored, values) { record.set(value, ofMetric: place) }
      let found = resampling.values(ofDraw: draw)
      for (place, metric) in own {
        #expect(
          isClose(found[place] ?? .nan, record.value(ofMetric: place) ?? 0, relative: 1e-12),
          "\(metric.name)")
      }
    }
  }

  // MARK: What cannot be

  private func refusal(_ train: String, validation: String = "test", classes: Int = 2) -> String {
    do {
      _ = try RunConfiguration(
        text: """
          name: t
          data: {dataset: table, samples: [[0], [1], [2], [3]], labels: \
          \((0..<4).map { $0 % classes }), batch: 2, validation: \(validation)}
          model: [{dense: \(classes)}]
          loss: cross_entropy
          optimizer: sgd
          train: \(train)
          """, source: "t.yaml"
      ).checked()
      return ""
    } catch {
      return (error as? Failure)?.message ?? "\(error)"
    }
  }

  @Test func whatNeedsAValidationSet() {
    let half = "0.5"
    for keys in [
      "early_stop: {patience: 1, figure: auc}", "checkpoint: {best: auc}", "threshold: f1",
    ] {
      #expect(refusal("{metrics: [auc], \(keys)}", validation: half).isEmpty)
      #expect(refusal("{metrics: [auc], \(keys)}", validation: "none").contains("validation"))
    }
    #expect(refusal("{metrics: [auc]}", validation: "none").isEmpty)
    #expect(
      refusal("{threshold: f1}", validation: half, classes: 4).contains("is between two classes"))
  }
}

extension RunConfiguration {
  fileprivate func checked() throws { _ = try Experiment(self) }
}
