internal import Datasets
internal import Diagnostics
internal import Kernels
internal import Reports
internal import Training

/// Training and answers of a compiled network, for `Brain` and `ConvBrain`.
protocol Learning: Logger, MetricLogger, Trainable {
  var learner: Learner? { get }
  var rule: Rule { get }
  var descent: GradientDescent { get }
  var epochs: Int { get }
  var loss: [Float] { get set }
  /// Training ends when the mean of the last five validation losses is at most this.
  var lossThreshold: Float { get }

  /// The samples as a dataset; throws if one does not fit.
  func dataset(
    _ samples: [TrainableDatasetType], for learner: Learner
  ) throws(Failure) -> Datasets.Dataset

  func epochEnded(_ epoch: Int)
}

extension Learning {
  /// Trains, and returns whether the validation loss reached the threshold.
  func run(
    _ training: [TrainableDatasetType], _ validation: [TrainableDatasetType],
    _ epochCompleted: ((Int, [Metric: Float]) -> Void)?
  ) -> Bool {
    let callers = NumericThread.settings
    return attempt(false) { learner throws(Failure) in
      try learner.follow(rule)
      let samples = try present(training, for: learner)
      let watched = validation.isEmpty ? nil : try present(validation, for: learner)
      var last: [Double] = []
      var passed = false
      try learner.train(
        on: samples, validation: watched, batch: descent.batch(of: samples.count), epochs: epochs
      ) { epoch, totals, result in
        note(totals, result, after: epoch)
        callers.restore()
        epochCompleted?(epoch, metrics)
        epochEnded(epoch)
        NumericThread.prepare()
        last = (last + (result.map { [$0.loss] } ?? [])).suffix(5)
        passed = last.count == 5 && last.reduce(0, +) / 5 <= Double(lossThreshold)
        return passed
      }
      log(.low, passed ? "training passed validation" : "training has ended")
      return passed
    }
  }

  func step(on batch: [TrainableDatasetType]) -> Float {
    attempt(0) { learner throws(Failure) in
      try learner.follow(rule)
      return try Float(learner.step(on: present(batch, for: learner)).loss)
    }
  }

  func meanLoss(on batch: [TrainableDatasetType]) -> Float {
    attempt(0) { learner throws(Failure) in
      try Float(learner.evaluate(present(batch, for: learner)).loss)
    }
  }

  func answer(to sample: [Float]) -> [Float] {
    attempt([]) { learner throws(Failure) in try learner.feed(sample) }
  }

  /// Runs a body with the compiled network; prints an error and returns `otherwise` if it throws.
  ///
  /// The calling thread keeps its floating-point settings.
  func attempt<Result>(
    _ otherwise: Result, _ body: (Learner) throws(Failure) -> Result
  ) -> Result {
    guard let learner else {
      Group.tell("the network is not compiled; call compile() first")
      return otherwise
    }
    let callers = NumericThread.settings
    NumericThread.prepare()
    defer { callers.restore() }
    do throws(Failure) { return try body(learner) } catch {
      Group.report(error)
      return otherwise
    }
  }

  private func present(
    _ samples: [TrainableDatasetType], for learner: Learner
  ) throws(Failure) -> Datasets.Dataset {
    guard !samples.isEmpty else { throw Failure(.badData, "expected samples, found none") }
    return try dataset(samples, for: learner)
  }

  private func note(_ totals: Metrics, _ validation: Metrics?, after epoch: Int) {
    loss.append(Float(totals.loss))
    let matches = Metrics.entry(ofMetric: 0)
    let accuracy = 100 * totals.sum(of: matches) / max(1, totals.targets(of: matches))
    addMetric(value: Float(totals.loss), key: .loss)
    addMetric(value: Float(accuracy), key: .accuracy)
    if let validation { addMetric(value: Float(validation.loss), key: .valLoss) }
    log(
      .medium,
      "epoch \(epoch + 1) of \(epochs): loss \(Float(totals.loss))"
        + (validation.map { ", validation loss \(Float($0.loss))" } ?? "")
        + (logLevel == .high ? ", accuracy \(Float(accuracy)) %" : ""))
  }
}
