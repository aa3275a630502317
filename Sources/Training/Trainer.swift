package import Communication
package import Datasets
package import Diagnostics
package import Execution
package import Reports

/// Trains the networks of an experiment over shards, workers and ranks: one step at a time.
package final class Trainer {
  package let experiment: Experiment
  package let state: ModelState
  package let pool: WorkerPool
  package let memory: RunResources.Memory
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
    let (configuration, design) = (experiment.configuration, experiment.design)
    self.experiment = experiment
    self.communicator = communicator
    cycle = design.cycle
    let share = try RunShare(design, on: communicator, workers: workers)
    let pool = try WorkerPool(count: share.workers)
    self.pool = pool
    let state: ModelState
    if let given, given.networks.map(\.slice) == share.slices {
      state = given
    } else {
      state = try ModelState(experiment, slices: share.slices)
    }
    self.state = state
    let resources = try RunResources(design, share, state.vectors)
    memory = resources.memory
    listing = resources.listing
    loader = try BatchLoader(
      experiment.data.training, places: configuration.layout.places(of: share.shards),
      augmentation: configuration.data.augmentation(seed: configuration.seed))
    var arenas: [Arena] = []
    for _ in 0..<share.workers { arenas.append(try Arena(byteCount: memory.arena)) }
    var networks: [NetworkTrainer] = []
    for (learner, programs) in zip(design.learners, resources.training) {
      let task = experiment.task(of: learner, on: loader, noise: noise)
      networks.append(
        try NetworkTrainer(
          learner, of: experiment, state, by: ShardRunner(task, programs), share,
          communicator: communicator, on: pool, in: arenas))
    }
    self.networks = networks
    evaluator =
      if let programs = resources.evaluation, let validation = experiment.data.validation {
        Evaluator(
          validation, of: experiment, communicator: communicator, pool: pool, programs)
      } else {
        nil
      }
    try evaluator?.makeSessions(in: arenas)
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
  package func confusion() throws(Failure) -> ConfusionMatrix? { try evaluator?.confusion() }

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
