internal import Checkpoints
internal import Communication
internal import Configuration
internal import Diagnostics
internal import Execution
internal import Reports
internal import Training

/// `nn-dist train CONFIG`
struct TrainCommand {
  let file: String
  let overrides: [String]
  /// The run directory, if not `runs/<name>`.
  let directory: String?
  let start: Start
  let workers: Int?

  enum Start {
    case new
    case fresh
    /// From the newest checkpoint of the directory, or from the one given.
    case resume(from: String?)
  }

  func run(_ communicator: Communicator, _ console: Console) throws(Failure) -> ExitCode {
    let configuration = try communicator.together { () throws(Failure) in
      try RunConfiguration(file: file, set: overrides)
    }
    try communicator.handshake([
      ("version", version),
      ("configuration", SHA256.of(configuration.settings.yaml(includingAll: true))),
    ])
    let experiment = try communicator.together { () throws(Failure) in
      try Experiment(configuration)
    }
    let path = directory ?? "runs/\(configuration.name)"
    let store = try open(path, configuration, communicator)

    let trainer = try communicator.together { () throws(Failure) in
      try Trainer(
        experiment, communicator: communicator, workers: workers ?? communicator.cores)
    }
    try communicator.handshake([
      ("data", experiment.data.contentHash.description),
      ("plan", SHA256.of(trainer.listing)),
    ])
    var totals = EpochTotals()
    if let checkpoint = store.checkpoint {
      totals = try Checkpointing(experiment, communicator: communicator)
        .restore(trainer.state, from: checkpoint)
    }
    describe(trainer, path, store, communicator, console)

    let schedule = configuration.schedule
    let lastStep = schedule.steps(perEpoch: experiment.sampler.stepsPerEpoch)
    if trainer.state.step >= lastStep {
      console.print("already finished: \(trainer.state.step.grouped) of \(lastStep.grouped) steps")
      return .done
    }
    let log = try openLog(store, after: trainer.state.step, configuration, communicator)
    let run = TrainingRun(
      trainer, communicator: communicator, checkpoints: store.directory?.checkpoints, log: log,
      console: console, totals: totals)
    switch try run.run() {
    case .finished:
      console.print("finished: '\(path)' holds the weights; nn-dist evaluate \(path)")
      return .done
    case .stopped(let step):
      console.print(
        "stopped on request after step \(step.grouped); go on with: nn-dist train \(file) "
          + "--run \(path) --resume")
      return .stoppedOnRequest
    }
  }

  // MARK: The run directory

  /// What rank 0 has opened, and where everyone goes on from.
  private struct Store: ~Copyable {
    var directory: RunDirectory?
    var checkpoint: String?
    var notes: [String] = []
  }

  private func open(
    _ path: String, _ configuration: RunConfiguration, _ communicator: Communicator
  ) throws(Failure) -> Store {
    var store = try communicator.together { () throws(Failure) in
      communicator.rank == 0 ? try openDirectory(path) : Store()
    }
    let bytes = try communicator.broadcast(Array((store.checkpoint ?? "").utf8))
    store.checkpoint = bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    return store
  }

  private func openDirectory(_ path: String) throws(Failure) -> Store {
    var store = Store()
    switch start {
    case .new: store.directory = try RunDirectory(path, .new)
    case .fresh: store.directory = try RunDirectory(path, .fresh)
    case .resume(let checkpoint):
      let opened = try RunDirectory(path, .resume)
      if let checkpoint {
        store.checkpoint = checkpoint
      } else if let latest = try opened.checkpoints.latest() {
        store.checkpoint = latest
      } else {
        store.notes.append("'\(path)' holds no checkpoint: starting from the beginning")
      }
      store.directory = consume opened
    }
    if let moved = store.directory?.movedTo { store.notes.append("the run before is in '\(moved)'") }
    return store
  }

  private func openLog(
    _ store: borrowing Store, after step: Int, _ configuration: RunConfiguration,
    _ communicator: Communicator
  ) throws(Failure) -> MetricsLog? {
    let (file, settings) = (store.directory?.metricsFile, store.directory?.configurationFile)
    return try communicator.together { () throws(Failure) -> MetricsLog? in
      guard let file, let settings else { return nil }
      try writeAtomically(configuration.settings.yaml(includingAll: true), to: settings)
      return try MetricsLog(file, after: step)
    }
  }

  // MARK: What the user sees first

  private func describe(
    _ trainer: Trainer, _ path: String, _ store: borrowing Store, _ communicator: Communicator,
    _ console: Console
  ) {
    let overview = Overview(trainer.experiment)
    let layout = trainer.experiment.configuration.layout
    console.print(overview.headline)
    for line in overview.layers.lines { console.print("  \(line)") }
    console.print(
      "\(communicator.size) \(communicator.size == 1 ? "rank" : "ranks") x \(trainer.pool.count) "
        + "\(trainer.pool.count == 1 ? "worker" : "workers"), \(layout.shards) shards of "
        + "\(layout.size) samples, \(trainer.memory.total.asBytes) a rank, engine "
        + "\(trainer.experiment.configuration.engine.rawValue)")
    let places = communicator.cores
    if workers == nil, places > trainer.pool.count {
      console.print(
        "\(trainer.pool.count) of \(places) cores can work; "
          + "--set shards=\(2 * layout.shards) lets more of them (other bits)")
    }
    for note in store.notes { console.print(note) }
    if let checkpoint = store.checkpoint {
      console.print("going on after step \(trainer.state.step.grouped) of '\(checkpoint)'")
    }
    console.print("writing to '\(path)'")
  }
}
