package import Communication
package import Datasets
package import Diagnostics
package import Execution
internal import Kernels
internal import Networks
package import Reports

/// Supervised training over shards, workers and ranks: one step at a time.
@safe package final class Trainer {
  package let experiment: Experiment
  package let state: ModelState
  package let pool: WorkerPool
  package let memory: Memory
  private let communicator: Communicator
  private let layout: ShardLayout
  private let loader: BatchLoader
  private let shards: ShardRunner
  private let tree: GradientTree
  private let reduction: Reduction
  private let control: StepControl
  private let update: WeightUpdate
  private let constraints: WeightConstraints
  private var recording: Recording?
  /// What this process makes of made-up samples.
  package let fingerprint: Fingerprint
  /// What copies the state between two updates.
  package var snapshot: Snapshot?
  /// What the workers are computing.
  private var batch = Batch(samples: [])
  /// Of the validation set, if there is one.
  private let evaluator: Evaluator?

  /// Compiles the programs and allocates everything that training needs.
  ///
  /// It goes on with a `state` that has this rank's slice, and with a new one otherwise.
  package init(
    _ experiment: Experiment, communicator: Communicator, workers: Int,
    state given: ModelState? = nil
  ) throws(Failure) {
    let configuration = experiment.configuration
    try configuration.checkInstructions()
    self.experiment = experiment
    self.communicator = communicator
    layout = configuration.layout
    let count = experiment.network.parameterCount
    reduction = try communicator.prepareReduction(
      elements: count, shards: layout.shards, method: configuration.reduction)
    let ownShards = (0..<layout.shards).part(communicator.rank, of: communicator.size)
    pool = try WorkerPool(count: max(1, min(workers, ownShards.count)))
    let state: ModelState
    if let given, given.slice == reduction.part {
      state = given
    } else {
      state = try ModelState(experiment, slice: reduction.part)
    }
    self.state = state
    tree = try GradientTree(shards: ownShards, workers: pool.count, elements: count)
    control = StepControl(
      communicator, reduction: reduction, shards: layout.shards, trained: state.trainedCount,
      isPenalised: configuration.penalty != nil)
    update = WeightUpdate(experiment, state, control, on: pool)
    constraints = WeightConstraints(experiment, state, on: pool)

    let loader = try BatchLoader(
      experiment.data.training, places: layout.places(of: ownShards),
      augmentation: configuration.data.augmentation(seed: configuration.seed))
    self.loader = loader
    shards = try ShardRunner(
      loader, sizes: experiment.design.shardSizes, measures: experiment.measures
    ) {
      (samples) throws(Failure) in
      try configuration.engine.prepare(
        experiment.network.trainingProgram(samples: samples, input: experiment.input),
        parameters: state.vector, isa: configuration.isa)
    }
    if let validation = experiment.data.validation {
      evaluator = try Evaluator(
        validation, of: experiment, state: state, communicator: communicator, pool: pool)
    } else {
      evaluator = nil
    }
    // Training and evaluation take turns in the same memory.
    let arenaBytes = max(shards.arenaByteCount, evaluator?.arenaByteCount ?? 0)
    var arenas: [Arena] = []
    for _ in 0..<pool.count { arenas.append(try Arena(byteCount: arenaBytes)) }
    try shards.makeSessions(in: arenas)
    try evaluator?.makeSessions(in: arenas)
    memory = Memory(
      arenas: pool.count * arenaBytes, samples: loader.byteCount, gradients: tree.byteCount,
      state: state.byteCount,
      shared: shards.sharedByteCount + (evaluator?.sharedByteCount ?? 0),
      snapshot: Snapshot.byteCount(experiment.design, on: communicator))
    fingerprint = unsafe Fingerprint(of: experiment, state, by: shards, gradient: tree.workSpace)
  }

  /// Trains on other samples from the next step on: as many of the same kind, all in memory.
  package func replaceSamples(by dataset: Dataset) { loader.replaceDataset(by: dataset) }

  /// The figures on the validation set, nil if there is none.
  package func validate() throws(Failure) -> Evaluation? { try evaluator?.evaluate() }

  /// How classes were taken for each other in the last validation.
  package func confusion() throws(Failure) -> Confusion? { try evaluator?.confusion() }

  /// The plans of all steps as text: equal on all ranks.
  package var listing: String { shards.listing }

  /// Has the times of what steps do noted from now on, or no longer.
  package func record(_ recording: Recording?) {
    self.recording = recording
    shards.observe(recording)
    tree.observe(recording?.workers ?? [])
  }

  private func lap(_ part: Activity) { recording?.parts.lap(part) }

  /// The steps between two comparisons of what ranks hold as weights.
  package static let replicaInterval = 100

  /// One update of the weights from one batch; the samples of the `next` are read meanwhile.
  package func step(
    _ batch: Batch, next: Batch? = nil, requests: StepRequests = []
  ) throws(Failure) -> StepReport {
    let step = state.step
    let leaves = layout.present(in: batch.count)
    self.batch = batch
    loader.load(batch, next: next)
    communicator.step = step
    recording?.parts.begin()
    shards.refresh()
    lap(.refresh)
    let partials = unsafe tree.sum(leaves: leaves, on: pool) {
      [self] worker, shard, target, adding in
      unsafe compute(shard, on: worker, gradient: target, adding: adding)
    }
    lap(.shards)
    let gradient = try unsafe reduction.reduceScatter(partials, leaves: leaves)
    lap(.reduceScatter)
    unsafe update.penalise(gradient)
    let sums = try unsafe control.agree(
      step: step, requests: loader.failure == nil ? requests : requests.union(.data),
      replica: step.isMultiple(of: Trainer.replicaInterval) ? state.digest.value : 0,
      gradient: gradient, leaves: leaves)
    lap(.agreement)
    if sums.replicasDiffer { try state.compareReplicas(on: communicator) }
    try checkData(sums)
    try checkFinite(sums)
    let norm = sums.squaredNorm.squareRoot()
    snapshot?.waitForCopy()
    unsafe update.apply(gradient, norm: norm)
    lap(.update)
    try unsafe communicator.allGather(state.weights, reduction.gathering)
    lap(.allGather)
    constraints.apply()
    lap(.constraints)
    state.step = step + 1
    return StepReport(
      loss: sums.shards.loss / Double(batch.count) + sums.penalty, counters: sums.shards.counters,
      samples: batch.count, gradientNorm: norm, requests: sums.requests)
  }

  /// Writes or adds the gradient of one shard of the batch and notes its sums.
  private func compute(
    _ shard: Int, on worker: Int, gradient: UnsafeMutablePointer<Float>, adding: Bool
  ) {
    let places = layout.places(of: shard, in: batch.count)
    let sums = unsafe shards.run(
      places, on: worker, scale: 1 / Float(batch.count),
      random: RandomPosition(
        seed: experiment.configuration.seed, step: state.step, firstSample: places.lowerBound),
      gradient: gradient, adding: adding)
    control.record(sums, shard: shard)
  }

  /// Ends all ranks with what one of them could not read.
  private func checkData(_ sums: StepSums) throws(Failure) {
    guard sums.requests.contains(.data) else { return }
    try communicator.together { () throws(Failure) in
      if let failure = loader.failure { throw failure }
    }
  }

  /// Stops before weights are spoilt; the last checkpoint stays as it is.
  private func checkFinite(_ sums: StepSums) throws(Failure) {
    let culprit: String
    if let element = sums.firstNotFinite {
      culprit =
        (element < state.trainedCount ? "the gradient of " : "")
        + state.parameter(at: element)
    } else if !sums.shards.loss.isFinite {
      culprit = "the loss"
    } else {
      return
    }
    // All ranks have the same sums, so all come here.
    try communicator.together { () throws(Failure) in
      throw Failure(
        .notFinite,
        "step \(state.step + 1): \(culprit) is not finite; nothing was updated and "
          + "the last checkpoint is good: try a lower learning rate")
    }
  }
}

/// What a step tells.
package struct StepReport: Sendable {
  /// The mean over the samples of the global batch, and the penalty.
  package let loss: Double
  package let counters: Counters
  package let samples: Int
  /// Of the gradient of loss and penalty, before it is clipped.
  package let gradientNorm: Double
  /// Of all ranks.
  package let requests: StepRequests

  package init(
    loss: Double, counters: Counters, samples: Int, gradientNorm: Double,
    requests: StepRequests = []
  ) {
    self.loss = loss
    self.counters = counters
    self.samples = samples
    self.gradientNorm = gradientNorm
    self.requests = requests
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
