internal import Communication
internal import Diagnostics
internal import Execution
internal import Kernels
internal import Networks
internal import Reports

/// Trains one network over shards, workers and ranks: one update at a time.
@safe final class NetworkTrainer {
  let learner: Learner
  /// What this process makes of made-up samples.
  let fingerprint: Fingerprint
  /// What copies the state between two updates.
  var snapshot: Snapshot?
  private let state: ModelState
  private let network: NetworkState
  private let seed: UInt64
  private let layout: ShardLayout
  private let communicator: Communicator
  private let pool: WorkerPool
  private let shards: ShardRunner
  private let tree: GradientTree
  private let reduction: GradientReduction
  private let control: StepControl
  private let update: WeightUpdate
  private let constraints: WeightConstraints
  private var recording: Recording?
  /// What makes means of the batch that the workers are computing with.
  private var scale = BatchScale(samples: 1)

  /// Allocates all that the steps of a network need but for arenas, which its programs share with others.
  init(
    _ learner: Learner, of experiment: Experiment, _ state: ModelState, by shards: ShardRunner,
    _ share: RunShare, communicator: Communicator, on pool: WorkerPool, in arenas: [Arena]
  ) throws(Failure) {
    let configuration = experiment.configuration
    self.learner = learner
    self.state = state
    self.communicator = communicator
    self.pool = pool
    self.shards = shards
    let reduction = share.reductions[learner.number]
    self.reduction = reduction
    network = state.networks[learner.number]
    seed = configuration.seed
    layout = configuration.layout
    tree = try GradientTree(
      shards: share.shards, workers: share.workers, elements: network.count, group: shards.group)
    control = StepControl(
      communicator, reduction: reduction, shards: layout.shards, trained: network.trainedCount,
      isPenalised: configuration.penalty != nil, metrics: experiment.metrics, loss: learner.loss,
      network: learner.number)
    update = WeightUpdate(learner, of: configuration, state, control, on: pool)
    constraints = WeightConstraints(learner, network, on: pool)
    try shards.makeSessions(in: arenas)
    fingerprint = unsafe Fingerprint(
      of: learner, in: experiment, network, by: shards, on: pool, gradient: tree.workSpace)
  }

  /// Has the times of what steps do noted from now on, or no longer.
  func record(_ recording: Recording?) {
    self.recording = recording
    shards.observe(recording)
    tree.observe(recording?.workers ?? [])
  }

  private func lap(_ part: Activity) { recording?.parts.lap(part) }

  /// One update of the weights from the gradients of a batch.
  func step(_ scale: BatchScale, requests: StepRequests) throws(Failure) -> StepReport {
    let (step, count) = (state.step, scale.samples)
    let leaves = layout.present(in: count)
    self.scale = scale
    recording?.parts.begin()
    shards.packWeights(on: pool) { layout.hasShards(of: $0, in: count) }
    lap(.packing)
    let partials = unsafe tree.sum(leaves: leaves, full: count / layout.size, on: pool) {
      [self] worker, shards, target, adding in
      unsafe compute(shards, on: worker, gradient: target, adding: adding)
    }
    lap(.shards)
    let gradient = try unsafe reduction.reduceScatter(partials, leaves: leaves)
    lap(.reduceScatter)
    unsafe update.penalise(gradient)
    let comparesReplicas = state.updates(of: learner.number)
      .isMultiple(of: Trainer.replicaInterval)
    let report = try unsafe control.agree(
      step: step, requests: shards.task.failure == nil ? requests : requests.union(.data),
      replica: comparesReplicas ? state.digest.value : 0, gradient: gradient, leaves: leaves)
    lap(.agreement)
    if report.replicasDiffer { try state.compareReplicas(on: communicator) }
    try checkData(report)
    try checkFinite(report)
    snapshot?.waitForCopy()
    // Also where another rank fails before all weights have arrived.
    defer { network.weightsWereUpdated() }
    unsafe update.apply(gradient, norm: report.gradientNorm)
    lap(.update)
    try unsafe communicator.allGather(network.weights, reduction.gatherPlan)
    lap(.allGather)
    constraints.apply()
    lap(.constraints)
    state.step = step + 1
    return report
  }

  /// Writes or adds the gradient of some shards of the batch and records the metrics of each.
  private func compute(
    _ numbers: Range<Int>, on worker: Int, gradient: UnsafeMutablePointer<Float>, adding: Bool
  ) {
    let first = layout.places(of: numbers.lowerBound, in: scale.samples).lowerBound
    let end = layout.places(of: numbers.upperBound - 1, in: scale.samples).upperBound
    unsafe shards.run(
      first..<end, shards: numbers.count, on: worker, scale: scale,
      random: RandomPosition(seed: seed, step: state.step, firstSample: first),
      gradient: gradient, adding: adding
    ) { place, metrics in control.record(metrics, shard: numbers.lowerBound + place) }
  }

  /// Ends all ranks with what one of them could not read.
  private func checkData(_ report: StepReport) throws(Failure) {
    guard report.requests.contains(.data) else { return }
    try communicator.together { () throws(Failure) in
      if let failure = shards.task.failure { throw failure }
    }
  }

  /// Stops before weights are spoilt.
  private func checkFinite(_ report: StepReport) throws(Failure) {
    let culprit: String
    if let element = report.firstNotFinite {
      culprit =
        (element < network.trainedCount ? "the gradient of " : "")
        + network.parameter(at: element)
    } else if !report.loss.isFinite {
      culprit = learner.name.isEmpty ? "the loss" : "the loss of the \(learner.name)"
    } else {
      return
    }
    // All ranks have the same report, so all come here.
    try communicator.together { () throws(Failure) in
      throw Failure(
        .notFinite,
        "step \(state.step + 1): \(culprit) is not finite; nothing was updated: try a lower learning "
          + "rate")
    }
  }
}
