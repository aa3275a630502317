package import Checkpoints
package import Communication
internal import Configuration
package import Diagnostics
internal import Processes
internal import Networks
internal import Optimizers
package import Reports

/// The training loop: steps, validations and checkpoints until the run ends.
package final class TrainingRun {
  /// The reason why a run ended; its state is saved in a checkpoint.
  package enum Outcome: Equatable, Sendable {
    case finished
    /// Early stopping ended it, for this reason.
    case stoppedEarly(String)
    /// `max_time` is over.
    case timeIsUp
    /// A signal was received.
    case stopped
  }

  private let experiment: Experiment
  private let communicator: Communicator
  private let trainer: Trainer
  private let checkpoints: CheckpointDirectory?
  private let saver: CheckpointSaver
  private let schedule: TrainingSchedule
  private let batches: BatchSchedule
  private let stepsPerEpoch: Int
  private let lastStep: Int
  /// On rank 0 only.
  private let log: MetricsLog?
  /// On rank 0 only, if the configuration asks for samples.
  private let samples: SampleSeries?
  /// On rank 0 only, if the run writes a report.
  private let reporter: RunReporter?
  /// Those of layers, if the run is observed.
  private let norms: LayerNorms?
  private var stepLog = StepLog()
  private let console: Console
  private let progress: Progress
  private let clock: () -> Double
  private let wallClock: () -> Double
  private var history: RunHistory
  private var startTime = 0.0
  private var saveTime = 0.0
  private var observingTime = 0.0

  /// Continues from the trainer's state and the history of the same step.
  ///
  /// Rank 0 alone writes checkpoints and the log, and its clock decides for all ranks.
  package init(
    _ trainer: Trainer, communicator: Communicator, checkpoints: CheckpointDirectory?,
    log: consuming MetricsLog?, samples: SampleSeries? = nil, reporter: RunReporter? = nil,
    console: Console, history: RunHistory,
    clock: @escaping () -> Double = monotonicSeconds,
    wallClock: @escaping () -> Double = secondsSince1970
  ) throws(Failure) {
    let experiment = trainer.experiment
    self.experiment = experiment
    self.trainer = trainer
    self.communicator = communicator
    self.checkpoints = checkpoints
    self.log = log
    self.samples = samples
    self.reporter = reporter
    self.console = console
    self.history = history
    self.clock = clock
    self.wallClock = wallClock
    schedule = experiment.configuration.schedule
    batches = experiment.batches
    stepsPerEpoch = batches.stepsPerEpoch
    lastStep = schedule.steps(perEpoch: stepsPerEpoch)
    norms =
      try schedule.isObserved
      ? LayerNorms(trainer, communicator: communicator, lastStep: lastStep) : nil
    trainer.norms = norms
    progress = Progress(console, steps: lastStep, stepsPerEpoch: stepsPerEpoch)
    trainer.evaluator?.onShard = { [progress] in progress.advanceValidation($0, of: $1) }
    saver = try communicator.together { () throws(Failure) in
      try CheckpointSaver(
        experiment, trainer.state, computing: trainer.fingerprint, communicator: communicator,
        in: checkpoints)
    }
    trainer.snapshot = saver.snapshot
  }

  /// The seconds that this thread has spent on what the report and TensorBoard show of epochs.
  package var secondsOfObserving: Double { observingTime + (norms?.seconds ?? 0) }

  /// Whether a checkpoint is marked as the best; set at the end of the run.
  package private(set) var hasBest = false

  package func run() throws(Failure) -> Outcome {
    do throws(Failure) {
      let outcome = try train()
      try saver.finish()
      if outcome != .stopped { try report() }
      return outcome
    } catch {
      // A checkpoint that is being written must be whole before the failure is reported.
      saver.wait()
      throw try withCheckpoint(error)
    }
  }

  /// Adds the path of the last checkpoint to a failure that all ranks have.
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
    var batches = batches
    (startTime, saveTime) = (clock(), clock())
    if state.step < lastStep { progress.beginEpoch(after: state.step) }
    var next = batches.batch(atStep: state.step)
    while state.step < lastStep {
      let batch = next
      next = batches.batch(atStep: state.step + 1)
      communicator.hasCheckpoint = saver.hasCheckpoint
      let report = try trainer.step(batch, next: next, requests: requests)
      if report.requests.contains(.failure) { try saver.finish() }
      history.totals += report.metrics
      keep(report)
      if report.network == 0 {
        progress.advance(loss: report.loss, samples: report.metrics.samples)
      } else {
        progress.advance()
      }

      let endsEpoch = state.step % stepsPerEpoch == 0
      let training = history.totals
      var (validation, isBest) = (nil as Metrics?, false)
      if endsEpoch || state.step == lastStep {
        let lines: [MetricsLine]
        (validation, lines) = try validate(training)
        try observe(lines)
      }
      if endsEpoch {
        isBest = history.endEpoch(
          validation ?? training, after: state.step, minDelta: schedule.earlyStop?.minDelta ?? 0)
        history.totals = Metrics(experiment.metrics)
      }
      if schedule.writesSamples(after: state.step, perEpoch: stepsPerEpoch) {
        try communicator.together { () throws(Failure) in
          try checkpoints?.checkNotMoved()
          if let file = try samples?.write(after: state.step) {
            reporter?.add(sample: file, samples?.activations ?? [], after: state.step)
          }
        }
      }
      let outcome = outcome(report.requests)
      if outcome != nil || isBest || report.requests.contains(.save)
        || schedule.savesCheckpoint(after: state.step, perEpoch: stepsPerEpoch)
      {
        try writeStepLog()
        try saver.save(history, training: training, validation: validation)
        saveTime = clock()
      }
      if let outcome { return outcome }
      if endsEpoch { progress.beginEpoch(after: state.step) }
    }
    return .finished
  }

  /// The requests of this rank to all ranks, for the next step.
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

  /// The reason why the run ends after this step, nil if it continues.
  private func outcome(_ requests: StepRequests) -> Outcome? {
    if trainer.state.step == lastStep { return .finished }
    if let reason = schedule.earlyStop?.reason(history) { return .stoppedEarly(reason) }
    if requests.contains(.stop) { return .stopped }
    return requests.contains(.end) ? .timeIsUp : nil
  }

  /// The epoch that a step is in, from 1.
  private func epoch(of step: Int) -> Int { (step - 1) / stepsPerEpoch + 1 }

  /// Keeps the metrics of a step, if they are asked for.
  private func keep(_ report: StepReport) {
    let step = trainer.state.step
    guard communicator.rank == 0, schedule.logsStep(step) else { return }
    var metrics = report.metrics
    // The loss of a run is that of its first network, which did not take this step.
    if report.network > 0 { metrics.add(.nan, targets: 1, to: Metrics.loss) }
    stepLog.add(
      MetricsLine(
        step: step, epoch: epoch(of: step), split: .step, metrics: metrics,
        learningRate: experiment.parameterGroups[report.network].learningRates.learningRate(
          afterSteps: step - 1),
        wallTime: wallClock(), gradientNorm: report.gradientNorm))
    // A failure is that of all ranks, which is found out at the end of the epoch.
    if clock() - stepLog.time >= 1 { stepLog.write(to: log, reporter, at: clock()) }
  }

  /// Writes the lines of steps that are kept; throws if some could not be written.
  ///
  /// Collective.
  private func writeStepLog() throws(Failure) {
    guard schedule.logsSteps else { return }
    stepLog.write(to: log, reporter, at: clock())
    try communicator.together { () throws(Failure) in
      if let failure = stepLog.failure { throw failure }
    }
  }

  /// Looks at layers and samples after an epoch, for the report.
  ///
  /// Collective.
  private func observe(_ lines: [MetricsLine]) throws(Failure) {
    guard let norms else { return }
    let start = monotonicSeconds()
    defer { observingTime += monotonicSeconds() - start }
    let tensors = try norms.tensors()
    let findings = try trainer.evaluator?.evaluationFindings()
    guard let reporter else { return }
    let step = trainer.state.step
    reporter.add(
      EpochReport(
        step: step, epoch: epoch(of: step), lines: lines, tensors: tensors,
        probe: trainer.probe?.result(isLast: step == lastStep), findings: findings,
        copy: norms.takeCopy()))
    if let failure = reporter.takeFailure() {
      console.clearStatus()
      printError("the run goes on without a whole report: \(failure.message)")
    }
  }

  /// Validates, prints the metrics of the epoch and writes them to the log; returns its lines, too.
  private func validate(
    _ training: Metrics
  ) throws(Failure) -> (validation: Metrics?, lines: [MetricsLine]) {
    let validation = try trainer.validate()
    history.threshold = trainer.evaluator?.threshold
    progress.endEpoch(training: training, validation: validation)
    let step = trainer.state.step
    let (epoch, time) = (epoch(of: step), wallClock())
    try writeStepLog()
    let lines =
      [
        MetricsLine(
          step: step, epoch: epoch, split: .train, metrics: training,
          learningRate: experiment.parameterGroups[0].learningRates.learningRate(
            afterSteps: step - 1),
          samplesPerSecond: progress.samplesPerSecond, wallTime: time)
      ]
      + (validation.map {
        [MetricsLine(step: step, epoch: epoch, split: .validation, metrics: $0, wallTime: time)]
      } ?? [])
    try communicator.together { () throws(Failure) in
      for line in lines { try log?.append(line.description) }
    }
    return (validation, lines)
  }

  /// Prints the best checkpoint and its confusion matrix, or that of the last if none is marked.
  private func report() throws(Failure) {
    let marked = try communicator.broadcast(
      communicator.together { () throws(Failure) in try checkpoints?.best() ?? "" })
    hasBest = !marked.isEmpty
    if hasBest {
      let (name, value) = (history.best.name, history.best.value.formatted(digits: 4))
      let metric = history.bestStep == nil ? "" : ", \(name) \(value)"
      console.print(
        "best: '\(marked)'\(metric); evaluate, predict and export use it, and with --last the "
          + "newest"
      )
    }
    let showsMatrix =
      experiment.validates
      && (experiment.network.targets.classes ?? 0) <= ConfusionMatrix.jsonLimit
    guard experiment.validates, showsMatrix || schedule.isObserved else { return }
    let best = hasBest ? CheckpointDirectory.step(ofFile: marked) : nil
    if let best, best != trainer.state.step { try validate(marked) }
    if schedule.isObserved {
      // All ranks take part, also those without a reporter.
      let findings = try trainer.evaluator?.evaluationFindings()
      reporter?.add(findings, after: best ?? trainer.state.step, isBest: hasBest)
    }
    guard showsMatrix, let confusion = try trainer.evaluator?.confusion() else { return }
    console.print(hasBest ? "validation of the best checkpoint:" : "validation:")
    for line in confusion.lines(columns: console.width - 2) { console.print("  \(line)") }
    if let goal = schedule.threshold, let threshold = trainer.evaluator?.threshold {
      console.print(
        "  '\(confusion.names[1])' is chosen where its probability is above \(threshold), by "
          + goal.rawValue)
    }
  }

  /// Validates the weights of a checkpoint; overwrites the state, so no step may follow.
  private func validate(_ checkpoint: String) throws(Failure) {
    let step = trainer.state.step
    try communicator.together { () throws(Failure) in
      try CheckpointLoader(experiment, communicator: communicator)
        .restoreWeights(trainer.state, from: Checkpoint(opening: checkpoint))
    }
    trainer.state.step = step
    _ = try trainer.validate()
  }
}
