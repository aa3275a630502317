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

/// The command `nn-dist train CONFIG`.
struct TrainCommand {
  let arguments: Arguments

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    let configuration = try communicator.together { () throws(Failure) in
      try RunConfiguration(file: arguments.operand, set: arguments.overrides)
    }
    try communicator.handshake([
      ("configuration", hash(configuration.settings.yaml(includingAll: true)))
    ])
    let path = arguments.runDirectory ?? "runs/\(configuration.name)"
    let experiment = try communicator.experiment(
      configuration, as: knownCoding(configuration, path, communicator), console)
    let workers = arguments.workers ?? communicator.cores
    let trainer = try communicator.together { () throws(Failure) in
      // Beyond this libraries take memory, some of which crash without.
      try RunResources(experiment.compiled, communicator: communicator, workers: workers)
        .requireMemory(ranks: communicator.localSize)
      return try Trainer(experiment, communicator: communicator, workers: workers)
    }
    try communicator.handshake([("data", hash(experiment.data.contentHash.description))])
    // Where hosts compute differently their plans may differ as well, which would say less.
    try communicator.compare(trainer.fingerprint, of: configuration.engine)
    try communicator.handshake([("plan", hash(trainer.listing))])
    // Nothing is written or moved before everything else is known to fit.
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
      console.print("dry run: all is ready, and nothing was written")
      return .done
    }
    try repair(store, history, after: trainer.state.step, schedule, communicator)

    let lastStep = schedule.steps(perEpoch: experiment.batches.stepsPerEpoch)
    let early = schedule.earlyStop?.reason(history)
    if trainer.state.step >= lastStep || early != nil {
      let steps = "\(trainer.state.step.grouped) of \(lastStep.grouped) steps"
      console.print("already finished: \(steps)\(early.map { "; \($0)" } ?? "")")
      return .done
    }
    let log = try openLog(store, after: trainer.state.step, configuration, communicator)
    let folder = store.files?.samples
    let samples = try communicator.together { () throws(Failure) in
      try folder.flatMap { folder throws(Failure) in try SampleSeries(trainer, in: folder) }
    }
    let run = try TrainingRun(
      trainer, communicator: communicator, checkpoints: store.files?.checkpoints, log: log,
      samples: samples, console: console, history: history)
    let outcome = try run.run()
    let step = trainer.state.step.grouped
    switch outcome {
    case .finished:
      try tellExport(experiment, path, ofBest: run.hasBest, console)
      console.print("finished: '\(path)' holds the weights; \(configuration.nextCommand(path))")
    case .stoppedEarly(let reason):
      try tellExport(experiment, path, ofBest: run.hasBest, console)
      console.print(
        "finished early, after step \(step): \(reason); '\(path)' holds the weights; "
          + configuration.nextCommand(path))
    case .timeIsUp:
      let time = schedule.maxTime?.description ?? ""
      console.print(
        "ended after step \(step), as max_time: \(time) says; "
          + "go on with: \(arguments.resumingCommand)")
    case .stopped:
      console.print(
        "stopped on request after step \(step); go on with: \(arguments.resumingCommand)")
      return .stoppedOnRequest
    }
    return .done
  }

  /// How the network whose weights a run begins with knows its data; a run that goes on has noted it.
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

  /// As much of a digest as tells two texts apart.
  private func hash(_ text: String) -> String { String(SHA256.of(text).prefix(12)) }

  /// Checkpoints have left their weights there in another form as well, if that is wanted.
  private func tellExport(
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

  /// What rank 0 has opened, and where everyone goes on from.
  private struct Store: ~Copyable {
    /// Holds the lock.
    private let directory: RunDirectory?
    let files: Files?
    var checkpoint: String?
    let notes: [String]

    struct Files {
      let checkpoints: CheckpointDirectory
      let metrics: String
      let configuration: String
      let samples: String
    }

    /// What other ranks have, and all in a rehearsal.
    init(from checkpoint: String? = nil, notes: [String] = []) {
      directory = nil
      files = nil
      self.checkpoint = checkpoint
      self.notes = notes
    }

    init(_ directory: consuming RunDirectory, from checkpoint: String? = nil, notes: [String]) {
      files = Files(
        checkpoints: directory.checkpoints, metrics: directory.metricsFile,
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
    let start: RunDirectory.Start =
      arguments.resumption != nil ? .resume : arguments.startsAfresh ? .fresh : .new
    if arguments.isDryRun {
      try RunDirectory.rehearse(path, start)
      let (checkpoint, notes) = try beginning(CheckpointDirectory("\(path)/checkpoints"), path)
      return Store(from: checkpoint, notes: notes)
    }
    let directory = try RunDirectory(path, start)
    if let format { try ExportFormat.check("\(path)/model.\(format.rawValue)", replacing: true) }
    let moved = directory.movedTo.map { ["the run before is kept in '\($0)'"] } ?? []
    let left = directory.previousOwner.map { ["\($0) did not end the run here in order"] } ?? []
    let (checkpoint, notes) = try beginning(directory.checkpoints, path)
    return Store(directory, from: checkpoint, notes: moved + left + notes)
  }

  /// The checkpoint to go on from, nil for the beginning, and what is to be said of it.
  private func beginning(
    _ checkpoints: CheckpointDirectory, _ path: String
  ) throws(Failure) -> (checkpoint: String?, notes: [String]) {
    switch arguments.resumption {
    case nil: return (nil, [])
    case .checkpoint(let file): return (file, [])
    case .newestCheckpoint:
      if let latest = try checkpoints.latest() { return (latest, []) }
      return (nil, ["'\(path)' holds no checkpoint: starting from the beginning"])
    }
  }

  /// What a kill has left undone after the checkpoint was there, also in a run that is finished.
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
      try writeAtomically(configuration.settings.yaml(includingAll: true), to: files.configuration)
      return try MetricsLog(files.metrics, after: step)
    }
  }

  // MARK: What the user sees first

  private func describe(
    _ trainer: Trainer, _ path: String, _ store: borrowing Store, _ communicator: Communicator,
    _ console: Console
  ) {
    let overview = ExperimentSummary(trainer.experiment.compiled)
    let layout = trainer.experiment.configuration.layout
    console.print(overview.headline)
    for line in overview.layers.lines { console.print("  \(line)") }
    console.print(
      "\(communicator.size) \(communicator.size == 1 ? "rank" : "ranks") x \(trainer.pool.count) "
        + "\(trainer.pool.count == 1 ? "worker" : "workers"), \(layout.shards) shards of "
        + "\(layout.size) samples, \(trainer.memory.total.asBytes) a rank, engine "
        + trainer.experiment.configuration.computing)
    let places = communicator.cores
    if arguments.workers == nil, places > trainer.pool.count, 2 * layout.shards <= layout.batch {
      console.print(
        "\(trainer.pool.count) of \(places) cores can work; "
          + "--set shards=\(2 * layout.shards) lets more of them (other bits)")
    }
    if communicator.isOversubscribed {
      console.print(
        "warning: \(communicator.localSize) ranks of host \(communicator.host) take turns on its cores; "
          + "as many as there are cores would be faster")
    }
    for note in store.notes { console.print(note) }
    if let checkpoint = store.checkpoint {
      console.print("going on after step \(trainer.state.step.grouped) of '\(checkpoint)'")
    }
    console.print("\(arguments.isDryRun ? "would write" : "writing") to '\(path)'")
  }
}

extension RunConfiguration {
  /// What to do with a finished run.
  fileprivate func nextCommand(_ path: String) -> String {
    isAdversarial ? "nn-dist sample \(path) --out samples.csv" : "nn-dist evaluate \(path)"
  }
}

extension Arguments {
  /// The command that goes on with this run, as a shell reads it.
  fileprivate var resumingCommand: String {
    let changes = overrides.flatMap { ["--set", $0] }
    let place = runDirectory.map { ["--run", $0] } ?? []
    return (["nn-dist", "train", operand] + changes + place + ["--resume"])
      .map(shellWord).joined(separator: " ")
  }

  private func shellWord(_ text: String) -> String {
    let isPlain = text.allSatisfy { character in
      character.isASCII
        && (character.isLetter || character.isNumber || "-_./=:,@%+".contains(character))
    }
    return isPlain ? text : "'\(text.replacing("'", with: "'\\''"))'"
  }
}
