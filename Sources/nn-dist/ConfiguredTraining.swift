internal import Checkpoints
internal import CommandLineOptions
internal import Communication
internal import Configuration
internal import Datasets
internal import Diagnostics
internal import Execution
internal import Files
internal import ModelFiles
internal import Reports
internal import Training

/// Trains a configuration in a run directory, from the start or on from a checkpoint.
struct ConfiguredTraining {
  let configuration: RunConfiguration
  /// The run directory.
  let path: String
  /// What to do with a run that is there.
  let start: RunDirectory.Start
  /// The checkpoint to resume from; nil: the newest.
  var checkpoint: String?
  /// Those of the command: workers, a dry run, new numerics.
  let arguments: Arguments
  /// The command that goes on with it.
  let resumingCommand: String

  /// How it ended.
  enum Ending {
    case finished
    /// `max_time` is over.
    case timeIsUp
    case stoppedOnRequest
    /// It was a dry run.
    case rehearsed
  }

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> Ending {
    try communicator.handshake([
      ("configuration", hash(configuration.settings.yaml(includingAll: true)))
    ])
    let experiment = try communicator.experiment(
      configuration, as: knownCoding(configuration, path, communicator), console)
    let workers = arguments.workers ?? communicator.cores
    let trainer = try communicator.together { () throws(Failure) in
      // After this, libraries allocate memory, and some crash if that fails.
      try RunResources(experiment.compiled, communicator: communicator, workers: workers)
        .requireMemory(ranks: communicator.localSize)
      return try Trainer(experiment, communicator: communicator, workers: workers)
    }
    defer { trainer.pool.stop() }
    try communicator.handshake([("data", hash(experiment.data.contentHash.description))])
    // Before the plans: a different fingerprint names the instruction, and plans may differ with
    // it.
    try communicator.compare(trainer.fingerprint, of: configuration.engine)
    try communicator.handshake([("plan", hash(trainer.listing))])
    // Write or move files only after all other checks.
    let store = try open(path, configuration.schedule.export, communicator)
    let schedule = configuration.schedule
    var history = RunHistory(of: experiment)
    if let checkpoint = store.checkpoint {
      history = try CheckpointLoader(experiment, communicator: communicator)
        .restore(
          trainer.state, from: checkpoint, computing: trainer.fingerprint,
          allowsNewNumerics: arguments.allowsNewNumerics)
    } else {
      try schedule.initialWeights?.load(into: trainer.state, of: experiment, communicator)
    }
    describe(trainer, path, store, communicator, console)
    if arguments.isDryRun {
      console.print("dry run: ready to train, nothing was written")
      return .rehearsed
    }
    try repair(store, history, after: trainer.state.step, schedule, communicator)

    let lastStep = schedule.steps(perEpoch: experiment.batches.stepsPerEpoch)
    let early = schedule.earlyStop?.reason(history)
    if trainer.state.step >= lastStep || early != nil {
      let steps = "\(trainer.state.step.grouped) of \(lastStep.grouped) steps"
      console.print("already finished: \(steps)\(early.map { "; \($0)" } ?? "")")
      return .finished
    }
    let log = try openLog(store, after: trainer.state.step, configuration, communicator)
    var recorder =
      communicator.rank == 0
      ? RunRecorder(self, trainer, communicator, in: store.files?.sessions ?? "") : nil
    do throws(Failure) {
      let outcome = try train(
        trainer, history, store, log, recorder?.reporter, communicator, console)
      recorder?.end(outcome, after: trainer.state.step)
      return outcome.ending
    } catch {
      recorder?.end(error, after: trainer.state.step)
      throw error
    }
  }

  private func train(
    _ trainer: Trainer, _ history: RunHistory, _ store: borrowing Store,
    _ log: consuming MetricsLog?, _ reporter: RunReporter?, _ communicator: Communicator,
    _ console: Console
  ) throws(Failure) -> TrainingRun.Outcome {
    let folder = store.files?.samples
    let samples = try communicator.together { () throws(Failure) in
      try folder.flatMap { folder throws(Failure) in try SampleSeries(trainer, in: folder) }
    }
    let run = try TrainingRun(
      trainer, communicator: communicator, checkpoints: store.files?.checkpoints, log: log,
      samples: samples, reporter: reporter, console: console, history: history)
    let outcome = try run.run()
    let (experiment, schedule) = (trainer.experiment, configuration.schedule)
    let step = trainer.state.step.grouped
    switch outcome {
    case .finished:
      try reportExport(experiment, path, ofBest: run.hasBest, console)
      console.print("finished: '\(path)' holds the weights; \(configuration.nextCommand(path))")
    case .stoppedEarly(let reason):
      try reportExport(experiment, path, ofBest: run.hasBest, console)
      console.print(
        "finished early, after step \(step): \(reason); '\(path)' holds the weights; "
          + configuration.nextCommand(path))
    case .timeIsUp:
      let time = schedule.maxTime?.description ?? ""
      console.print(
        "stopped after step \(step): max_time \(time) is over; "
          + "resume with: \(resumingCommand)")
    case .stopped:
      console.print("stopped on request after step \(step); resume with: \(resumingCommand)")
    }
    return outcome
  }

  /// Returns the sample coding of the network that provides the initial weights, or of the
  /// checkpoint to resume from; nil without initial weights.
  private func knownCoding(
    _ configuration: RunConfiguration, _ path: String, _ communicator: Communicator
  ) throws(Failure) -> KnownCoding? {
    guard let weights = configuration.schedule.initialWeights else { return nil }
    let file = try communicator.broadcast(
      communicator.together { () throws(Failure) in
        let checkpoints = CheckpointDirectory("\(path)/checkpoints")
        return communicator.rank == 0 ? try beginning(checkpoints, path).checkpoint ?? "" : ""
      })
    guard !file.isEmpty else { return try weights.coding(communicator) }
    return try communicator.together { () throws(Failure) in
      KnownCoding(
        try SampleCoding(text: Checkpoint(opening: file).coding, source: "\(file) /coding"))
    }
  }

  /// Returns the first digits of a SHA-256, for comparison.
  private func hash(_ text: String) -> String { String(SHA256.of(text).prefix(12)) }

  /// Prints the path and format of the exported weights, if the configuration has an export.
  private func reportExport(
    _ experiment: Experiment, _ path: String, ofBest isBest: Bool, _ console: Console
  ) throws(Failure) {
    let configuration = experiment.configuration
    guard let format = configuration.schedule.export else { return }
    let readers = try configuration.exportedModel(of: experiment.network)?.readers
    let releases = readers.map { ", for \($0.releases)" } ?? ""
    let best = isBest ? ", of the best checkpoint" : ""
    console.print("exported: '\(path)/model.\(format.rawValue)'\(best)\(releases)")
    for note in readers?.notes ?? [] { console.print("note: \(note)") }
  }

  // MARK: The run directory

  /// The files of the run on rank 0, and the checkpoint to resume from on all ranks.
  private struct Store: ~Copyable {
    /// Keeps the lock.
    private let directory: RunDirectory?
    let files: Files?
    var checkpoint: String?
    let notes: [String]

    struct Files {
      let checkpoints: CheckpointDirectory
      let metrics: String
      let sessions: String
      let configuration: String
      let samples: String
    }

    /// Creates a store without files, for other ranks and for a dry run.
    init(from checkpoint: String? = nil, notes: [String] = []) {
      directory = nil
      files = nil
      self.checkpoint = checkpoint
      self.notes = notes
    }

    init(_ directory: consuming RunDirectory, from checkpoint: String? = nil, notes: [String]) {
      files = Files(
        checkpoints: directory.checkpoints, metrics: directory.metricsFile,
        sessions: directory.sessionsFile,
        configuration: directory.configurationFile, samples: directory.samplesFolder)
      self.directory = consume directory
      self.checkpoint = checkpoint
      self.notes = notes
    }
  }

  private func open(
    _ path: String, _ format: ExportFormat?, _ communicator: Communicator
  ) throws(Failure) -> Store {
    var store = try communicator.together { () throws(Failure) in
      communicator.rank == 0 ? try openDirectory(path, format) : Store()
    }
    let file = try communicator.broadcast(store.checkpoint ?? "")
    store.checkpoint = file.isEmpty ? nil : file
    return store
  }

  private func openDirectory(
    _ path: String, _ format: ExportFormat?
  ) throws(Failure) -> Store {
    if arguments.isDryRun {
      try RunDirectory.rehearse(path, start)
      let (checkpoint, notes) = try beginning(CheckpointDirectory("\(path)/checkpoints"), path)
      return Store(from: checkpoint, notes: notes)
    }
    let directory = try RunDirectory(path, start)
    if let format { try ExportFormat.check("\(path)/model.\(format.rawValue)", replacing: true) }
    let moved = directory.movedTo.map { ["the earlier run is kept in '\($0)'"] } ?? []
    let left = directory.previousOwner.map { ["the run of \($0) did not exit normally"] } ?? []
    let (checkpoint, notes) = try beginning(directory.checkpoints, path)
    return Store(directory, from: checkpoint, notes: moved + left + notes)
  }

  /// Returns the checkpoint to resume from, or nil to start, and notes for the user.
  private func beginning(
    _ checkpoints: CheckpointDirectory, _ path: String
  ) throws(Failure) -> (checkpoint: String?, notes: [String]) {
    guard start == .resume else { return (nil, []) }
    if let checkpoint { return (checkpoint, []) }
    if let latest = try checkpoints.latest() { return (latest, []) }
    return (nil, ["'\(path)' contains no checkpoint: starting from the beginning"])
  }

  /// Completes what a kill left undone after writing a checkpoint, also in a finished run.
  private func repair(
    _ store: borrowing Store, _ history: RunHistory, after step: Int, _ schedule: TrainingSchedule,
    _ communicator: Communicator
  ) throws(Failure) {
    let (files, checkpoint) = (store.files, store.checkpoint)
    try communicator.together { () throws(Failure) in
      guard let files else { return }
      guard let checkpoint else { return try files.checkpoints.removeOrphans() }
      try files.checkpoints.repair(history, from: checkpoint, after: step, schedule)
    }
  }

  private func openLog(
    _ store: borrowing Store, after step: Int, _ configuration: RunConfiguration,
    _ communicator: Communicator
  ) throws(Failure) -> MetricsLog? {
    let files = store.files
    return try communicator.together { () throws(Failure) -> MetricsLog? in
      guard let files else { return nil }
      try writeAtomically(
        configuration.findableSettings.yaml(includingAll: true), to: files.configuration)
      return try MetricsLog(files.metrics, after: step)
    }
  }

  // MARK: Output at the start

  private func describe(
    _ trainer: Trainer, _ path: String, _ store: borrowing Store, _ communicator: Communicator,
    _ console: Console
  ) {
    let overview = ExperimentSummary(trainer.experiment.compiled)
    let layout = trainer.experiment.configuration.layout
    console.print(overview.headline)
    for line in overview.sets { console.print("  \(line)") }
    for line in overview.layers.lines { console.print("  \(line)") }
    console.print(
      "\(communicator.size) \(communicator.size == 1 ? "rank" : "ranks") x \(trainer.pool.count) "
        + "\(trainer.pool.count == 1 ? "worker" : "workers"), \(layout.shards) shards of "
        + "\(layout.size) samples, \(trainer.memory.total.asBytes) per rank, engine "
        + trainer.experiment.configuration.computing)
    let places = communicator.cores
    if arguments.workers == nil, places > trainer.pool.count, 2 * layout.shards <= layout.batch {
      console.print(
        "only \(trainer.pool.count) of \(places) cores are used; "
          + "--set shards=\(2 * layout.shards) uses more, and changes the result")
    }
    if communicator.isOversubscribed {
      console.print(
        "warning: \(communicator.localSize) ranks share the cores of host \(communicator.host); "
          + "at most one rank per core is faster")
    }
    for note in store.notes { console.print(note) }
    if let checkpoint = store.checkpoint {
      console.print("resuming after step \(trainer.state.step.grouped) of '\(checkpoint)'")
    }
    console.print("\(arguments.isDryRun ? "would write" : "writing") to '\(path)'")
  }
}

extension TrainingRun.Outcome {
  /// What it means for the command.
  fileprivate var ending: ConfiguredTraining.Ending {
    switch self {
    case .finished, .stoppedEarly: .finished
    case .timeIsUp: .timeIsUp
    case .stopped: .stoppedOnRequest
    }
  }
}

extension RunConfiguration {
  /// The next command after a run is finished.
  fileprivate func nextCommand(_ path: String) -> String {
    isAdversarial ? "nn-dist sample \(path) --out samples.csv" : "nn-dist evaluate \(path)"
  }
}
