internal import Checkpoints
internal import Datasets
internal import Diagnostics
package import Reports

/// The state of a run beside weights and moments.
///
/// Checkpoints hold it, so that an interrupted run decides as it would have without interruption.
package struct RunHistory: Equatable, Sendable {
  /// The metrics of the epoch so far.
  package var totals: Metrics
  /// The best value of the metric that marks checkpoints; without effect if none is marked.
  package private(set) var best: BestMetric
  /// The step of the best checkpoint, nil if none is marked yet.
  package private(set) var bestStep: Int?
  private let marksBest: Bool
  /// The metric that early stopping monitors.
  package private(set) var monitored: BestMetric
  /// The loss of the last whole epoch.
  package private(set) var loss = Double.infinity
  /// The threshold between two classes that the last validation chose.
  package var threshold: Double?

  /// The history of a new run.
  package init(of experiment: Experiment) {
    totals = Metrics(experiment.metrics)
    let metric = experiment.bestMetric
    marksBest = metric != nil
    best = BestMetric(metric ?? "loss")
    monitored = BestMetric(experiment.configuration.schedule.earlyStop?.metric ?? "loss")
  }

  /// Records the metrics of an epoch that ended after `step`; returns whether they are the best.
  package mutating func endEpoch(_ metrics: Metrics, after step: Int, minDelta: Double) -> Bool {
    loss = metrics.loss
    monitored.record(metrics, minDelta: minDelta)
    guard best.record(metrics), marksBest else { return false }
    bestStep = step
    return true
  }
}

/// The best value of a metric at the end of an epoch, and the epochs since then.
package struct BestMetric: Equatable, Sendable {
  package let name: String
  package fileprivate(set) var value: Double
  package fileprivate(set) var epochsSince = 0

  /// `name` is loss or the name of a metric.
  package init(_ name: String) {
    self.name = name
    value = Metric.isBetterWhenGreater(name) ? -.infinity : .infinity
  }

  /// Whether an epoch had a value other than not-a-number.
  fileprivate var isKnown: Bool { value != Self(name).value }

  /// Records the value of an epoch; returns whether it is better by more than `minDelta`.
  ///
  /// Not-a-number is never better.
  @discardableResult
  package mutating func record(_ metrics: Metrics, minDelta: Double = 0) -> Bool {
    let new = metrics[name] ?? .nan
    let isBetter =
      Metric.isBetterWhenGreater(name) ? new > value + minDelta : new < value - minDelta
    epochsSince = isBetter ? 0 : epochsSince + 1
    if isBetter { value = new }
    return isBetter
  }
}

// MARK: In a checkpoint

extension RunHistory {
  func write(to state: inout CheckpointState) {
    state.set("epoch_metrics", totals.names.joined(separator: " "))
    state.set("epoch_sums", totals.sums)
    state.set("epoch_targets", totals.targets)
    state.set("epoch_samples", totals.samples)
    state.set("last_loss", loss)
    best.write(to: &state, "best")
    if let bestStep { state.set("best_step", bestStep) }
    if let threshold { state.set("threshold", threshold) }
    monitored.write(to: &state, "early_stop")
  }

  /// Reads the history in a checkpoint, except for metrics that the run no longer follows.
  init(_ checkpoint: borrowing Checkpoint, of experiment: Experiment) throws(Failure) {
    self.init(of: experiment)
    let saved = checkpoint.state
    let names = try saved.text("epoch_metrics")
    let samples = try saved.integer("epoch_samples")
    // The step determines the samples of the epoch.
    let position = experiment.batches.place(ofStep: max(0, checkpoint.step)).position
    guard checkpoint.step >= 0, samples == position,
      names == totals.names.joined(separator: " "),
      let totals = try Metrics(
        experiment.metrics, samples: samples, sums: saved.numbers("epoch_sums"),
        targets: saved.numbers("epoch_targets"))
    else {
      throw Failure(
        .badData,
        "'\(checkpoint.path)' contradicts itself: step \(checkpoint.step), sums of \(names) over "
          + "\(samples) samples of the epoch, where \(position) have been seen")
    }
    self.totals = totals
    loss = try saved.number("last_loss")
    if experiment.configuration.schedule.threshold != nil {
      threshold = try? saved.number("threshold")
    }
    try best.read(from: saved, "best")
    try monitored.read(from: saved, "early_stop")
    guard marksBest, best.isKnown else { return }
    bestStep = try? saved.integer("best_step")
    // If the run marked no checkpoint, there is none of its best epoch.
    if bestStep == nil { best = BestMetric(best.name) }
  }
}

extension BestMetric {
  fileprivate func write(to state: inout CheckpointState, _ prefix: String) {
    state.set("\(prefix)_figure", name)
    state.set("\(prefix)_value", value)
    state.set("\(prefix)_epochs_since", epochsSince)
  }

  fileprivate mutating func read(from state: CheckpointState, _ prefix: String) throws(Failure) {
    guard try state.text("\(prefix)_figure") == name else { return }
    value = try state.number("\(prefix)_value")
    epochsSince = try state.integer("\(prefix)_epochs_since")
  }
}
