package import Checkpoints
package import Communication
internal import Configuration
package import Diagnostics
internal import Networks
internal import Optimizers
package import Reports

/// A run from its first step, or the one after its checkpoint, to its end.
package final class TrainingRun {
  /// Why a run ended; a checkpoint holds the state.
  package enum Outcome: Equatable, Sendable {
    case finished
    /// There is no more to gain, for this reason.
    case stoppedEarly(String)
    /// It has had its time.
    case timeIsUp
    /// A signal asked to stop.
    case stopped
  }

  private let experiment: Experiment
  private let communicator: Communicator
  private let trainer: Trainer
  private let checkpoints: CheckpointDirectory?
  private let saver: CheckpointSaver
  private let schedule: TrainingSchedule
  private let course: Course
  private let stepsPerEpoch: Int
  private let lastStep: Int
  /// Only rank 0 has it.
  private let log: MetricsLog?
  /// Only rank 0 has it, in a run that wants it.
  private let samples: SampleSeries?
  private let console: Console
  private let progress: Progress
  private let clock: () -> Double
  private var history: RunHistory
  private var startTime = 0.0
  private var saveTime = 0.0

  /// Goes on with a history, which is that at the checkpoint of the trainer's state.
  ///
  /// Checkpoints are saved, and the log is written, on rank 0 alone, whose clock also decides for all.
  package init(
    _ trainer: Trainer, communicator: Communicator, checkpoints: CheckpointDirectory?,
    log: consuming MetricsLog?, samples: SampleSeries? = nil, console: Console,
    history: RunHistory,
    clock: @escaping () -> Double = monotonicSeconds
  ) throws(Failure) {
    let experiment = trainer.experiment
    self.experiment = experiment
    self.trainer = trainer
    self.communicator = communicator
    self.checkpoints = checkpoints
    self.log = log
    self.samples = samples
    self.console = console
    self.history = history
    self.clock = clock
    schedule = experiment.configuration.schedule
    course = experiment.course
    stepsPerEpoch = course.stepsPerEpoch
    lastStep = schedule.steps(perEpoch: stepsPerEpoch)
    progress = Progress(console, steps: lastStep, stepsPerEpoch: stepsPerEpoch)
    trainer.followValidation { [progress] in progress.advanceValidation($0, of: $1) }
    saver = try communicator.together { () throws(Failure) in
      try CheckpointSaver(
        experiment, trainer.state, computing: trainer.fingerprint, communicator: communicator,
        in: checkpoints)
    }
    trainer.snapshot = saver.snapshot
  }

  /// Whether a checkpoint is marked as the best; known once the run has ended.
  package private(set) var hasBest = false

  package func run() throws(Failure) -> Outcome {
    do throws(Failure) {
      let outcome = try train()
      try saver.finish()
      if outcome != .stopped { try report() }
      return outcome
    } catch {
      // What was whole before a failure is a checkpoint after it.
      saver.wait()
      throw try withCheckpoint(error)
    }
  }

  /// A failure that all ranks know of, with the checkpoint that is left.
  private func withCheckpoint(_ failure: Failure) throws(Failure) -> Failure {
    guard communicator.isKnownToAll(failure),
      case let newest = try communicator.broadcast(saver.newest ?? ""), !newest.isEmpty
    else { return failure }
    do throws(Failure) {
      return try communicator.together { () throws(Failure) in
        throw Failure(failure.code, "\(failure.message); the last checkpoint is '\(newest)'")
      }
    } catch {
      return error
    }
  }

  private func train() throws(Failure) -> Outcome {
    let state = trainer.state
    var course = course
    (startTime, saveTime) = (clock(), clock())
    if state.step < lastStep { progress.beginEpoch(after: state.step) }
    var next = course.batch(atStep: state.step)
    while state.step < lastStep {
      let batch = next
      next = course.batch(atStep: state.step + 1)
      communicator.hasCheckpoint = saver.hasCheckpoint
      let report = try trainer.step(batch, next: next, requests: requests)
      if report.requests.contains(.failure) { try saver.finish() }
      history.totals += report.metrics
      if report.network == 0 {
        progress.advance(loss: report.loss, samples: report.metrics.samples)
      } else {
        progress.advance()
      }

      let endsEpoch = state.step % stepsPerEpoch == 0
      let training = history.totals
      var (validation, isBest) = (nil as Metrics?, false)
      if endsEpoch || state.step == lastStep { validation = try validate(training) }
      if endsEpoch {
        isBest = history.endEpoch(
          validation ?? training, after: state.step, minDelta: schedule.earlyStop?.minDelta ?? 0)
        history.totals = Metrics(experiment.metrics)
      }
      if schedule.showsSamples(after: state.step, perEpoch: stepsPerEpoch) {
        try communicator.together { () throws(Failure) in
          try checkpoints?.checkNotMoved()
          try samples?.write(after: state.step)
        }
      }
      let outcome = outcome(report.requests)
      if outcome != nil || isBest || report.requests.contains(.save)
        || schedule.savesCheckpoint(after: state.step, perEpoch: stepsPerEpoch)
      {
        try saver.save(history, training: training, validation: validation)
        saveTime = clock()
      }
      if let outcome { return outcome }
      if endsEpoch { progress.beginEpoch(after: state.step) }
    }
    return .finished
  }

  /// What this rank asks all to do after the next step.
  private var requests: StepRequests {
    var requests: StepRequests = StopRequest.isRequested ? .stop : []
    guard communicator.rank == 0 else { return requests }
    let now = clock()
    if let limit = schedule.maxTime?.seconds, now - startTime >= Double(limit) {
      requests.insert(.end)
    }
    if let interval = schedule.secondsBetweenCheckpoints, now - saveTime >= Double(interval),
      !saver.isBusy
    {
      requests.insert(.save)
    }
    if saver.hasFailed { requests.insert(.failure) }
    return requests
  }

  /// Why the run ends after this step, if it does.
  private func outcome(_ requests: StepRequests) -> Outcome? {
    if trainer.state.step == lastStep { return .finished }
    if let reason = schedule.earlyStop?.reason(history) { return .stoppedEarly(reason) }
    if requests.contains(.stop) { return .stopped }
    return requests.contains(.end) ? .timeIsUp : nil
  }

  /// Validates, and tells how the epoch went.
  private func validate(_ training: Metrics) throws(Failure) -> Metrics? {
    let validation = try trainer.validate()
    progress.endEpoch(training: training, validation: validation)
    let step = trainer.state.step
    let epoch = (step - 1) / stepsPerEpoch + 1
    let lines =
      [
        MetricsLine(
          step: step, epoch: epoch, split: .train, metrics: training,
          learningRate: experiment.learners[0].learningRates.learningRate(afterSteps: step - 1),
          samplesPerSecond: progress.samplesPerSecond)
      ]
      + (validation.map {
        [MetricsLine(step: step, epoch: epoch, split: .validation, metrics: $0)]
      } ?? [])
    try communicator.together { () throws(Failure) in
      for line in lines { try log?.append(line.description) }
    }
    return validation
  }

  /// Prints which checkpoint is the best, and which classes of the validation set its weights, or the
  /// last where none is marked, take for which.
  private func report() throws(Failure) {
    let marked = try communicator.broadcast(
      communicator.together { () throws(Failure) in try checkpoints?.best() ?? "" })
    hasBest = !marked.isEmpty
    if hasBest {
      let (name, value) = (history.best.name, history.best.value.formatted(digits: 4))
      let figure = history.bestStep == nil ? "" : ", \(name) \(value)"
      console.print(
        "best: '\(marked)'\(figure); evaluate, predict and export use it, and with --last the newest"
      )
    }
    guard experiment.validates,
      (experiment.network.targets.classes ?? 0) <= ConfusionMatrix.jsonLimit
    else {
      return
    }
    if hasBest, CheckpointDirectory.step(ofFile: marked) != trainer.state.step {
      try validate(marked)
    }
    guard let confusion = try trainer.confusion() else { return }
    console.print(hasBest ? "validation of the best checkpoint:" : "validation:")
    for line in confusion.lines(columns: console.width - 2) { console.print("  \(line)") }
  }

  /// Validates the weights of a checkpoint; no step may follow.
  private func validate(_ checkpoint: String) throws(Failure) {
    let step = trainer.state.step
    try communicator.together { () throws(Failure) in
      try Checkpointing(experiment, communicator: communicator)
        .restoreWeights(trainer.state, from: Checkpoint(opening: checkpoint))
    }
    trainer.state.step = step
    _ = try trainer.validate()
  }
}
