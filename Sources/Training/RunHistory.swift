internal import Checkpoints
internal import Datasets
internal import Diagnostics
internal import Files
package import Reports

/// What a run remembers beside weights and moments: part of a checkpoint, so that a run that was
/// interrupted decides as if it had not been.
package struct RunHistory: Equatable, Sendable {
  /// Of the epoch so far.
  package var totals = EpochTotals()
  /// What marks the best checkpoint; followed, but without effect, where none is marked.
  package private(set) var best: BestFigure
  /// The step of the best checkpoint, nil where none is marked so far.
  package private(set) var bestStep: Int?
  private let marksBest: Bool
  /// What early stopping follows.
  package private(set) var followed: BestFigure
  /// Of the last whole epoch.
  package private(set) var loss = Double.infinity

  /// The history of a run that has not begun.
  package init(of experiment: Experiment) {
    let figure = experiment.bestFigure
    marksBest = figure != nil
    best = BestFigure(figure ?? "loss")
    followed = BestFigure(experiment.configuration.schedule.earlyStop?.figure ?? "loss")
  }

  /// Notes how an epoch ended after a step; returns whether its checkpoint is the best.
  package mutating func endEpoch(_ scores: Scores, after step: Int, minDelta: Double) -> Bool {
    loss = scores.loss
    followed.note(scores, minDelta: minDelta)
    guard best.note(scores), marksBest else { return false }
    bestStep = step
    return true
  }
}

/// The best that a figure has been at the end of an epoch, and how many epochs ago.
package struct BestFigure: Equatable, Sendable {
  package let name: String
  package fileprivate(set) var value: Double
  package fileprivate(set) var epochsSince = 0

  /// The loss or one of the measures.
  package init(_ name: String) {
    self.name = name
    value = Self.isBetterWhenGreater(name) ? -.infinity : .infinity
  }

  /// Whether an epoch has had a value that can be compared.
  fileprivate var isKnown: Bool { value != Self(name).value }

  private static func isBetterWhenGreater(_ name: String) -> Bool {
    Measure(name)?.isBetterWhenGreater ?? false
  }

  /// Notes a new value, which is better if it is by more than a difference; what is no number never
  /// is.
  @discardableResult
  package mutating func note(_ scores: Scores, minDelta: Double = 0) -> Bool {
    let new = name == "loss" ? scores.loss : scores.metrics.first { $0.name == name }?.value ?? .nan
    let isBetter =
      Self.isBetterWhenGreater(name) ? new > value + minDelta : new < value - minDelta
    epochsSince = isBetter ? 0 : epochsSince + 1
    if isBetter { value = new }
    return isBetter
  }
}

// MARK: In a checkpoint

extension RunHistory {
  func write(to state: inout CheckpointState) {
    state.set("epoch_loss", totals.loss)
    state.set("epoch_counters", totals.counters.indices.map { totals.counters[$0] })
    state.set("epoch_samples", totals.samples)
    state.set("last_loss", loss)
    best.write(to: &state, "best")
    if let bestStep { state.set("best_step", bestStep) }
    followed.write(to: &state, "early_stop")
  }

  /// The history in a checkpoint, without what it says of figures that are no longer followed.
  init(_ checkpoint: borrowing Checkpoint, of experiment: Experiment) throws(Failure) {
    self.init(of: experiment)
    let saved = checkpoint.state
    totals.loss = try saved.number("epoch_loss")
    totals.samples = try saved.integer("epoch_samples")
    let counters = try saved.numbers("epoch_counters")
    // The samples of the epoch follow from the step.
    let position = experiment.course.place(ofStep: max(0, checkpoint.step)).position
    guard checkpoint.step >= 0, totals.samples == position,
      counters.count == totals.counters.scalarCount
    else {
      throw Failure(
        .badData,
        "'\(checkpoint.path)' contradicts itself: step \(checkpoint.step), \(counters.count) sums "
          + "over \(totals.samples) samples of the epoch, where \(position) have been seen")
    }
    for (place, counter) in counters.enumerated() { totals.counters[place] = counter }
    loss = try saved.number("last_loss")
    try best.read(from: saved, "best")
    try followed.read(from: saved, "early_stop")
    guard marksBest, best.isKnown else { return }
    // Checkpoints of the first versions only leave the mark.
    let mark = try? CheckpointDirectory(directoryName(checkpoint.path)).best()
    bestStep =
      (try? saved.integer("best_step")) ?? mark.flatMap(CheckpointDirectory.step(ofFile:))
    // A run that marked none so far has no checkpoint of its best epoch.
    if bestStep == nil { best = BestFigure(best.name) }
  }
}

extension BestFigure {
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
