package import Communication
internal import Datasets
package import Diagnostics
internal import Execution
internal import Graphs
internal import Kernels
internal import Networks
internal import Processes

/// The workers, programs and memory of a run on this rank.
///
/// A trainer allocates what is described here; `summary` only prints it, without reading samples.
package struct RunResources {
  package var workers: Int { share.workers }
  package let memory: Memory
  let share: RunShare
  /// The training programs of each network.
  let training: [ShardPrograms]
  /// The programs for the validation set, if there is one.
  let evaluation: ShardPrograms?
  /// The program that looks at layers after epochs, if the run is observed, on rank 0.
  let probe: LayerProbe.Plan?
  /// Samples of a full shard.
  private let shardSize: Int

  /// Bytes by purpose.
  package struct Memory: Equatable, Sendable {
    let workers: Int
    /// The values between instructions, for each worker.
    let arena: Int
    /// Prepared batches.
    package let samples: Int
    package let gradients: Int
    package let state: Int
    /// Packed weights, which all workers share.
    package let packed: Int
    /// The copy of the state for checkpoints, on rank 0.
    package let snapshot: Int
    /// The copy of weights and gradients for TensorBoard, on rank 0.
    package let distributions: Int

    package var arenas: Int { workers * arena }
    package var total: Int {
      arenas + samples + gradients + state + packed + snapshot + distributions
    }
  }

  /// The resources of a run that is not started.
  package init(
    _ compiled: CompiledExperiment, communicator: Communicator, workers: Int
  ) throws(Failure) {
    try self.init(compiled, RunShare(compiled, on: communicator, workers: workers))
  }

  /// The resources of the first of some ranks, which need not run.
  package init(_ compiled: CompiledExperiment, ranks: Int, workers: Int) throws(Failure) {
    try self.init(compiled, RunShare(compiled, rank: 0, of: ranks, workers: workers))
  }

  /// Programs are compiled for uninitialised weights.
  private init(_ compiled: CompiledExperiment, _ share: RunShare) throws(Failure) {
    let count = compiled.layout.count
    let weights = try Arena(byteCount: 4 * count, isTouched: false)
    try self.init(
      compiled, share,
      unsafe compiled.vectors(at: weights.start.bindMemory(to: Float.self, capacity: count)))
  }

  /// The resources of a rank's share, for parameters in these vectors.
  init(
    _ compiled: CompiledExperiment, _ share: RunShare, _ vectors: ParameterVectors
  ) throws(Failure) {
    let configuration = compiled.configuration
    try configuration.checkInstructions()
    // Libraries choose kernels and memory by the number of threads that they may use.
    NumericThread.prepare()
    self.share = share
    shardSize = configuration.layout.size
    let largest = GradientTree.largestSubtree(of: share.shards, workers: share.workers)
    training = try zip(compiled.parameterGroups, vectors.networks).map {
      (group, vector) throws(Failure) in
      try ShardPrograms(
        sizes: compiled.shardSizes, shardsAtOnce: largest, weights: 4 * group.elements.count
      ) { (samples) throws(Failure) in
        try configuration.engine.prepare(
          group.program(samples), parameters: vector, isa: configuration.isa)
      }
    }
    evaluation = try compiled.data.validation.map { (validation) throws(Failure) in
      try Evaluator.programs(of: compiled, vectors.all, samples: validation.count)
    }
    probe =
      configuration.schedule.isObserved && share.rank == 0
      ? try LayerProbe.Plan(compiled, vectors.all) : nil
    let all = training + (evaluation.map { [$0] } ?? [])
    memory = Memory(
      workers: share.workers,
      // Training, evaluation and the probe take turns in the same arenas.
      arena: max(all.map(\.arenaByteCount).max() ?? 0, probe?.arenaByteCount ?? 0),
      samples: BatchLoader.byteCount(
        of: compiled.data.training, places: share.places,
        isAugmented: configuration.data.augmentation(seed: configuration.seed) != nil),
      gradients: compiled.parameterGroups.reduce(0) {
        $0
          + GradientTree.byteCount(
            shards: share.shards, workers: share.workers, elements: $1.elements.count)
      },
      state: ModelState.byteCount(compiled.parameterGroups, slices: share.slices)
        + CarriedRows.byteCount(
          compiled.states,
          rows: configuration.layout.batch
            + (evaluation == nil ? 0 : share.workers * EvaluationShards.rows)),
      packed: vectors.all.packed.byteCount,
      snapshot: share.rank == 0 ? Snapshot.byteCount(compiled) : 0,
      distributions: configuration.schedule.writesEvents && share.rank == 0
        ? ParameterCopy.byteCount(compiled.layout) : 0)
  }

  /// The plan of a full training shard; nil for an engine without plans.
  package var plan: PlanSummary? {
    guard let programs = training.first, let full = programs.executables.first?.executable else {
      return nil
    }
    return full.description.map {
      PlanSummary(
        $0, samples: shardSize, shardsAtOnce: programs.shardsAtOnce,
        arenaByteCount: full.arenaByteCount(shards: programs.shardsAtOnce))
    }
  }

  /// The plans of all training programs as text, equal on all ranks.
  var listing: String { training.map(\.listing).joined(separator: "\n\n") }

  /// Throws if the host does not have the memory for `ranks` ranks of the run.
  package func requireMemory(ranks: Int) throws(Failure) {
    // This thread is a worker; two more threads fill batches and write checkpoints.
    let stacks = (workers + 1) * JoinableThread.stackBytes
    try MemoryLimits.require(
      memory.total + stacks, for: "this run with \(workers) \(workers == 1 ? "worker" : "workers")",
      ranks: ranks)
  }
}
