package import Communication
package import Datasets
package import Diagnostics
package import Execution
package import Reports

/// Trains the networks of an experiment, one step at a time.
package final class Trainer {
  package let experiment: Experiment
  package let state: ModelState
  package let pool: WorkerPool
  package let memory: RunResources.Memory
  private let communicator: Communicator
  private let cycle: Cycle
  private let loader: BatchLoader
  private let networks: [NetworkTrainer]
  /// The plans of all training programs as text, equal on all ranks.
  package let listing: String
  /// Evaluates the validation set, if there is one.
  package let evaluator: Evaluator?
  /// Looks at the layers, if the run is observed, on rank 0.
  let probe: LayerProbe?

  /// Compiles the programs and allocates the memory of all steps.
  ///
  /// It continues with `given` if that state has this rank's slices and carries states for as many
  /// positions, and makes a new one otherwise.
  /// `noise` replaces the random noise of adversarial steps.
  package init(
    _ experiment: Experiment, communicator: Communicator, workers: Int,
    state given: ModelState? = nil, noise: NoiseBuffer? = nil
  ) throws(Failure) {
    let (configuration, compiled) = (experiment.configuration, experiment.compiled)
    self.experiment = experiment
    self.communicator = communicator
    cycle = compiled.cycle
    let share = try RunShare(compiled, on: communicator, workers: workers)
    let pool = try WorkerPool(count: share.workers)
    self.pool = pool
    let state: ModelState
    if let given, given.networks.map(\.slice) == share.slices,
      given.carried.map({ $0.rows == configuration.layout.batch }) ?? true
    {
      state = given
    } else {
      state = try ModelState(experiment, slices: share.slices)
    }
    self.state = state
    let resources = try RunResources(compiled, share, state.vectors)
    memory = resources.memory
    listing = resources.listing
    loader = try BatchLoader(
      experiment.data.training, places: share.places,
      augmentation: configuration.data.augmentation(seed: configuration.seed))
    let arenas = try (0..<share.workers).map { (_) throws(Failure) in
      try Arena(byteCount: resources.memory.arena)
    }
    var networks: [NetworkTrainer] = []
    for (group, programs) in zip(compiled.parameterGroups, resources.training) {
      let task = experiment.task(of: group, on: loader, noise: noise)
      networks.append(
        try NetworkTrainer(
          group, of: experiment, state, by: ShardRunner(task, programs, carrying: state.carried),
          share,
          communicator: communicator, on: pool, in: arenas))
    }
    self.networks = networks
    if let programs = resources.evaluation, let validation = experiment.data.validation {
      evaluator = try Evaluator(
        validation, of: experiment, communicator: communicator, pool: pool, programs,
        goal: configuration.schedule.threshold, findsSamples: configuration.schedule.isObserved)
    } else {
      evaluator = nil
    }
    try evaluator?.makeSessions(in: arenas)
    probe = try resources.probe.map { plan throws(Failure) in
      try LayerProbe(plan, experiment, on: pool, in: arenas[0])
    }
  }

  /// The digests of each network's step on synthetic samples.
  package var fingerprint: Fingerprint {
    Fingerprint(networks.flatMap(\.fingerprint.results))
  }

  /// The copy for checkpoints; an update waits until it is made.
  package var snapshot: Snapshot? {
    didSet { for network in networks { network.snapshot = snapshot } }
  }

  /// Computes the norms of layers at the last steps of epochs; nil if nobody asks.
  var norms: LayerNorms? {
    didSet { for network in networks { network.norms = norms } }
  }

  /// Replaces the training samples from the next step on.
  ///
  /// The new samples are in memory; their number, shape and type stay the same.
  package func replaceSamples(by dataset: Dataset) { loader.replaceDataset(by: dataset) }

  /// The metrics of the validation set, nil if there is none.
  ///
  /// Collective.
  package func validate() throws(Failure) -> Metrics? { try evaluator?.evaluate() }

  /// Sets the recording that steps write their times to; nil ends it.
  package func record(_ recording: Recording?) {
    for network in networks { network.record(recording) }
  }

  /// The number of a network's updates between two comparisons of the ranks' weights.
  package static let replicaInterval = 100

  /// Updates the network whose turn it is; reads the samples of the `next` batch in the background.
  ///
  /// Collective.
  package func step(
    _ batch: Batch, next: Batch? = nil, requests: StepRequests = []
  ) throws(Failure) -> StepReport {
    let turn = cycle.turn(ofStep: state.step)
    if turn == 0 { loader.load(batch, next: next) }
    communicator.step = state.step
    let scale: BatchScale
    do throws(Failure) {
      scale = try BatchScale(batch.samples, of: experiment, step: state.step + 1)
    } catch {
      // All ranks know the whole batch, so all of them throw.
      try communicator.together { () throws(Failure) in throw error }
      throw error
    }
    return try networks[turn].step(scale, requests: requests)
  }
}
