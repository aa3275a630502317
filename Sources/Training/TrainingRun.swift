package import Checkpoints
package import Communication
internal import Datasets
internal import Networks
package import Diagnostics
internal import Optimizers
package import Reports

/// A run from its first step, or the one after its checkpoint, to its end.
package final class TrainingRun {
  package enum Outcome: Sendable {
    case finished
    /// A signal asked to stop; a checkpoint holds the state.
    case stopped(step: Int)
  }

  private let experiment: Experiment
  private let communicator: Communicator
  private let trainer: Trainer
  private let checkpointing: Checkpointing
  private let schedule: TrainingSchedule
  /// Only rank 0 has them.
  private let checkpoints: CheckpointDirectory?
  private let log: MetricsLog?
  private let console: Console
  private let progress: Progress
  private var totals: EpochTotals

  /// Goes on from totals, which are what the epoch had come to at the checkpoint of the trainer's state.
  ///
  /// Checkpoints are saved, and the log is written, on rank 0 alone.
  package init(
    _ trainer: Trainer, communicator: Communicator, checkpoints: CheckpointDirectory?,
    log: consuming MetricsLog?, console: Console, totals: EpochTotals
  ) {
    experiment = trainer.experiment
    self.trainer = trainer
    self.communicator = communicator
    self.checkpoints = checkpoints
    self.log = log
    self.console = console
    self.totals = totals
    checkpointing = Checkpointing(experiment, communicator: communicator)
    schedule = experiment.configuration.schedule
    let stepsPerEpoch = experiment.sampler.stepsPerEpoch
    progress = Progress(
      console, steps: schedule.steps(perEpoch: stepsPerEpoch), stepsPerEpoch: stepsPerEpoch)
  }

  package func run() throws(Failure) -> Outcome {
    let state = trainer.state
    var sampler = experiment.sampler
    let stepsPerEpoch = sampler.stepsPerEpoch
    let lastStep = schedule.steps(perEpoch: stepsPerEpoch)
    if state.step < lastStep { progress.beginEpoch(after: state.step) }
    var next = sampler.batch(atStep: state.step)
    while state.step < lastStep {
      let batch = next
      next = sampler.batch(atStep: state.step + 1)
      let report = try trainer.step(
        batch, next: next, stopRequested: StopRequest.isRequested)
      totals.add(report)
      progress.advance(loss: report.loss, samples: report.samples)
      let training = experiment.scores(totals)
      var validation: Evaluation?
      if state.step % stepsPerEpoch == 0 || state.step == lastStep {
        validation = try endEpoch(training)
      }
      if state.step % stepsPerEpoch == 0 { totals = EpochTotals() }
      let stops = report.stopRequested && state.step < lastStep
      if stops || state.step == lastStep
        || schedule.savesCheckpoint(after: state.step, perEpoch: stepsPerEpoch)
      {
        try checkpointing.save(
          state, totals: totals, training: training,
          validation: validation.map { experiment.scores($0) },
          in: checkpoints)
      }
      if stops { return .stopped(step: state.step) }
      if validation != nil || state.step % stepsPerEpoch == 0, state.step < lastStep {
        progress.beginEpoch(after: state.step)
      }
    }
    try describeClasses()
    return .finished
  }

  /// Tells how the classes of the validation set were told apart, unless they are many.
  private func describeClasses() throws(Failure) {
    guard experiment.network.labels.width <= Confusion.tableLimit,
      let confusion = try trainer.confusion()
    else { return }
    console.print("validation:")
    for line in confusion.table.lines { console.print("  \(line)") }
  }

  /// Validates, and tells how the epoch went.
  private func endEpoch(_ training: Scores) throws(Failure) -> Evaluation? {
    let validation = try trainer.validate()
    progress.endEpoch(training: training, validation: validation.map { experiment.scores($0) })
    let step = trainer.state.step
    let epoch = (step - 1) / experiment.sampler.stepsPerEpoch + 1
    let lines =
      [
        MetricsLine(
          step: step, epoch: epoch, split: .train, scores: training,
          learningRate: experiment.learningRates.learningRate(afterSteps: step - 1),
          samplesPerSecond: progress.samplesPerSecond)
      ]
      + (validation.map {
        [MetricsLine(step: step, epoch: epoch, split: .validation, scores: experiment.scores($0))]
      } ?? [])
    try communicator.together { () throws(Failure) in
      for line in lines { try log?.append(line.description) }
    }
    return validation
  }
}
