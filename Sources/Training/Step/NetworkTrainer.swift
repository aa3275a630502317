internal import Communication
internal import Diagnostics
internal import Execution
internal import Kernels
internal import Networks
internal import Reports

/// Takes the training steps of one network on this rank's workers, together with all other ranks.
@safe final class NetworkTrainer {
  let group: ParameterGroup
  /// The digests of a step on synthetic samples.
  let fingerprint: Fingerprint
  /// The copy for checkpoints; an update waits until it is made.
  var snapshot: Snapshot?
  /// Takes the gradient at the last steps of epochs.
  var norms: LayerNorms?
  private let state: ModelState
  private let network: NetworkState
  private let seed: UInt64
  private let layout: ShardLayout
  private let stepsPerEpoch: Int
  private let communicator: Communicator
  private let pool: WorkerPool
  private let shards: ShardRunner
  private let tree: GradientTree
  private let reduction: GradientReduction
  private let control: StepExchange
  private let update: WeightUpdate
  private let constraints: WeightConstraints
  private var recording: Recording?
  /// The factors of the current batch.
  private var scale = BatchScale(samples: 1)

  /// Allocates the memory of all steps, except the arenas, which all networks share.
  init(
    _ group: ParameterGroup, of experiment: Experiment, _ state: ModelState, by shards: ShardRunner,
    _ share: RunShare, communicator: Communicator, on pool: WorkerPool, in arenas: [Arena]
  ) throws(Failure) {
    let configuration = experiment.configuration
    self.group = group
    self.state = state
    self.communicator = communicator
    self.pool = pool
    self.shards = shards
    let reduction = try communicator.prepareReduction(
      elements: group.elements.count, shards: configuration.layout.shards,
      method: configuration.reduction)
    self.reduction = reduction
    network = state.networks[group.number]
    seed = configuration.seed
    layout = configuration.layout
    stepsPerEpoch = experiment.batches.stepsPerEpoch
    tree = try GradientTree(
      shards: share.shards, workers: share.workers, elements: network.count,
      shardsAtOnce: shards.shardsAtOnce)
    control = StepExchange(
      communicator, reduction: reduction, shards: layout.shards, trained: network.trainedCount,
      isPenalised: configuration.penalty != nil, metrics: experiment.metrics, loss: group.loss,
      network: group.number)
    update = WeightUpdate(group, of: configuration, state, control, on: pool)
    constraints = WeightConstraints(group, network, on: pool)
    try shards.makeSessions(in: arenas)
    fingerprint = unsafe Fingerprint(
      of: group, in: experiment, network, by: shards, on: pool, gradient: tree.workSpace)
  }

  /// Sets the recording that steps write their times to; nil ends it.
  func record(_ recording: Recording?) {
    self.recording = recording
    shards.record(recording)
    tree.record(to: recording?.workers ?? [])
  }

  private func lap(_ part: Activity) { recording?.parts.lap(part) }

  /// Updates the weights once, by the gradient of a batch.
  func step(_ scale: BatchScale, requests: StepRequests) throws(Failure) -> StepReport {
    let (step, count) = (state.step, scale.samples)
    let leaves = layout.present(in: count)
    self.scale = scale
    recording?.parts.begin()
    shards.packWeights(on: pool) { layout.hasShards(of: $0, in: count) }
    lap(.packing)
    // The closure captures only `self`, so that a step allocates nothing.
    let partials = unsafe tree.sum(leaves: leaves, full: count / layout.size, on: pool) {
      [self] worker, numbers, target, adding in
      let places = layout.places(of: numbers, in: self.scale.samples)
      unsafe shards.run(
        places, shards: numbers.count, on: worker, row: places.lowerBound,
        areFirst: state.step % stepsPerEpoch == 0, scale: self.scale,
        random: RandomPosition(seed: seed, step: state.step, firstSample: places.lowerBound),
        gradient: target, adding: adding
      ) { place, metrics in control.record(metrics, shard: numbers.lowerBound + place) }
    }
    lap(.shards)
    let gradient = try unsafe reduction.reduceScatter(partials, leaves: leaves)
    lap(.reduceScatter)
    unsafe update.penalise(gradient)
    let comparesReplicas = state.updates(of: group.number)
      .isMultiple(of: Trainer.replicaInterval)
    unsafe control.record(gradient: gradient)
    let report = try control.exchange(
      step: step, requests: shards.task.failure == nil ? requests : requests.union(.data),
      replica: comparesReplicas ? state.digest.value : 0, shards: leaves)
    lap(.agreement)
    if report.replicasDiffer { try state.compareReplicas(on: communicator) }
    try checkData(report)
    try checkFinite(report)
    if let norms, norms.isDue(after: step) {
      try unsafe norms.record(gradient: gradient, of: group.number)
    }
    snapshot?.waitForCopy()
    // Also when another rank fails before all weights have arrived.
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

  /// Throws on all ranks if one of them could not read its samples.
  private func checkData(_ report: StepReport) throws(Failure) {
    guard report.requests.contains(.data) else { return }
    try communicator.together { () throws(Failure) in
      if let failure = shards.task.failure { throw failure }
    }
  }

  /// Throws if the gradient or the loss is not finite, before an update.
  private func checkFinite(_ report: StepReport) throws(Failure) {
    let culprit: String
    if let element = report.firstNotFinite {
      culprit =
        (element < network.trainedCount ? "the gradient of " : "")
        + network.parameter(at: element)
    } else if !report.loss.isFinite {
      culprit = group.name.isEmpty ? "the loss" : "the loss of the \(group.name)"
    } else {
      return
    }
    // All ranks have the same report, so all of them throw.
    try communicator.together { () throws(Failure) in
      throw Failure(
        .notFinite,
        "step \(state.step + 1): \(culprit) is not finite; nothing was updated: try a lower "
          + "learning rate")
    }
  }
}
