package import Configuration
package import Diagnostics

/// The learning rate of every step of a run: a pure function of the step's number.
package struct LearningRates: Sendable {
  /// The steps after which the rate stays as it is, counted from the start of the run; nil where
  /// it never does.
  package let over: Int?
  private let rate: Double
  private let warmup: Int
  private let stepsPerEpoch: Int
  private let schedule: any LearningRateSchedule

  /// The schedule of a section, applied to an optimiser's rate in a run of `runLength` steps.
  package init(
    _ settings: Settings, learningRate: Double, stepsPerEpoch: Int, runLength: Int
  ) throws(Failure) {
    schedule = try settings.learningRateSchedule()
    rate = learningRate
    self.stepsPerEpoch = stepsPerEpoch
    warmup = schedule.warmup?.steps(perEpoch: stepsPerEpoch) ?? 0
    over = schedule.end(runLength: runLength, stepsPerEpoch: stepsPerEpoch)
    // A run may end within its warm-up, but a fall may not.
    if let over, over <= warmup, settings.optionalTimespan("over") != nil {
      throw settings.failure(
        at: "over",
        "the fall would end after \(over) steps, within the warm-up of \(warmup): "
          + "set a longer time")
    }
  }

  /// The rate of the step that follows `done` steps.
  package func learningRate(afterSteps done: Int) -> Double {
    guard done >= warmup else { return rate * (Double(done + 1) / Double(warmup)) }
    let steps = done - warmup
    let progress = min(1, Double(steps) / Double(max(1, (over ?? 0) - warmup)))
    return schedule.learningRate(
      from: rate,
      at: SchedulePlace(steps: steps, stepsPerEpoch: stepsPerEpoch, progress: progress))
  }
}
