package import Communication
package import Datasets
package import Diagnostics
package import Execution
internal import Networks
package import Reports

/// Trains the networks of an experiment over shards, workers and ranks: one step at a time.
package final class Trainer {
  package let experiment: Experiment
  package let state: ModelState
  package let pool: WorkerPool
  package let memory: Memory
  private let communicator: Communicator
  private let cycle: Cycle
  private let loader: BatchLoader
  private let networks: [NetworkTrainer]
  /// The plans of all steps as text: equal on all ranks.
  package let listing: String
  /// Of the validation set, if there is one.
  private let evaluator: Evaluator?

  /// Compiles the programs and allocates everything that training needs.
  ///
  /// It goes on with a `state` that has this rank's slice, and with a new one otherwise. The `noise` of
  /// adversarial steps is drawn unless it is given.
  package init(
    _ experiment: Experiment, communicator: Communicator, workers: Int,
    state given: ModelState? = nil, noise: GivenNoise? = nil
  ) throws(Failure) {
    let (configuration, learners) = (experiment.configuration, experiment.learners)
    try configuration.checkInstructions()
    self.experiment = experiment
    self.communicator = communicator
    cycle = experiment.design.cycle
    let layout = configuration.layout
    let ownShards = (0..<layout.shards).part(communicator.rank, of: communicator.size)
    var reductions: [Reduction] = []
    for learner in learners {
      reductions.append(
        try communicator.prepareReduction(
          elements: learner.parameters.elementCount, shards: layout.shards,
          method: configuration.reduction))
    }
    let slices = reductions.map(\.part)
    let pool = try WorkerPool(count: max(1, min(workers, ownShards.count)))
    self.pool = pool
    let state: ModelState
    if let given, given.networks.map(\.slice) == slices {
      state = given
    } else {
      state = try ModelState(experiment, slices: slices)
    }
    self.state = state

    let loader = try BatchLoader(
      experiment.data.training, places: layout.places(of: ownShards),
      augmentation: configuration.data.augmentation(seed: configuration.seed))
    self.loader = loader
    var runners: [ShardRunner] = []
    for learner in learners {
      runners.append(
        try ShardRunner(
          experiment.task(of: learner, on: loader, noise: noise),
          sizes: experiment.design.shardSizes,
          group: GradientTree.largestSubtree(of: ownShards, workers: pool.count),
          weights: 4 * learner.parameters.elementCount
        ) { (samples) throws(Failure) in
          try configuration.engine.prepare(
            learner.program(samples), parameters: state.networks[learner.number].vector,
            isa: configuration.isa)
        })
    }
    if experiment.validates, let validation = experiment.data.validation {
      evaluator = try Evaluator(
        validation, of: experiment, state: state, communicator: communicator, pool: pool)
    } else {
      evaluator = nil
    }
    // Training and evaluation take turns in the same memory.
    let arenaBytes = max(
      runners.map(\.arenaByteCount).max() ?? 0, evaluator?.arenaByteCount ?? 0)
    var arenas: [Arena] = []
    for _ in 0..<pool.count { arenas.append(try Arena(byteCount: arenaBytes)) }
    var networks: [NetworkTrainer] = []
    for (learner, (runner, reduction)) in zip(learners, zip(runners, reductions)) {
      networks.append(
        try NetworkTrainer(
          learner, of: experiment, state, by: runner, reduction, communicator: communicator,
          on: pool, in: arenas))
    }
    self.networks = networks
    try evaluator?.makeSessions(in: arenas)
    listing = runners.map(\.listing).joined(separator: "\n\n")
    memory = Memory(
      arenas: pool.count * arenaBytes, samples: loader.byteCount,
      gradients: networks.reduce(0) { $0 + $1.gradientByteCount }, state: state.byteCount,
      shared: runners.reduce(evaluator?.sharedByteCount ?? 0) { $0 + $1.sharedByteCount },
      snapshot: Snapshot.byteCount(experiment.design, on: communicator))
  }

  /// What this process makes of made-up samples.
  package var fingerprint: Fingerprint {
    Fingerprint(networks.flatMap(\.fingerprint.results))
  }

  /// What copies the state between two updates.
  package var snapshot: Snapshot? {
    didSet { for network in networks { network.snapshot = snapshot } }
  }

  /// Trains on other samples from the next step on: as many of the same kind, all in memory.
  package func replaceSamples(by dataset: Dataset) { loader.replaceDataset(by: dataset) }

  /// The metrics of the validation set, nil if there is none.
  package func validate() throws(Failure) -> Metrics? { try evaluator?.evaluate() }

  /// Has a body called while a validation goes on, with the number of its parts that are done and of all.
  package func followValidation(_ body: @escaping (Int, Int) -> Void) { evaluator?.onShard = body }

  /// How classes were taken for each other in the last validation.
  package func confusion() throws(Failure) -> Confusion? { try evaluator?.confusion() }

  /// Has the times of what steps do noted from now on, or no longer.
  package func record(_ recording: Recording?) {
    for network in networks { network.record(recording) }
  }

  /// The updates of a network between two comparisons of what ranks hold as weights.
  package static let replicaInterval = 100

  /// One update of the network whose turn it is; the samples of the `next` batch are read meanwhile.
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
      // All ranks know the whole batch, so all come here.
      try communicator.together { () throws(Failure) in throw error }
      throw error
    }
    return try networks[turn].step(scale, requests: requests)
  }
}

extension Trainer {
  /// Bytes that a rank has planned for, by use.
  package struct Memory: Sendable {
    package let arenas: Int
    /// Prepared batches.
    package let samples: Int
    package let gradients: Int
    package let state: Int
    package let shared: Int
    /// For checkpoints, on rank 0.
    package let snapshot: Int

    package var total: Int { arenas + samples + gradients + state + shared + snapshot }
  }
}
