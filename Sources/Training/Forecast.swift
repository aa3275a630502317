package import Communication
internal import Datasets
package import Diagnostics
internal import Execution
internal import Networks
internal import Optimizers
internal import Processes

/// What a run will take on this rank, found without the samples and without taking it.
package struct Forecast {
  package let workers: Int
  package let memory: Trainer.Memory
  /// The program of a full shard in training; nil where the engine does not plan.
  package let plan: PlanReport?

  package init(
    _ design: Design, communicator: Communicator, workers wanted: Int
  ) throws(Failure) {
    let (configuration, learners) = (design.configuration, design.learners)
    try configuration.checkInstructions()
    let shards = configuration.layout.shards
    let counts = learners.map(\.parameters.elementCount)
    var slices: [Range<Int>] = []
    for count in counts {
      slices.append(try communicator.prepareReduction(elements: count, shards: shards).part)
    }
    let ownShards = (0..<shards).part(communicator.rank, of: communicator.size)
    let workers = max(1, min(wanted, ownShards.count))
    self.workers = workers

    // Addresses for plans that will not run.
    let count = counts.reduce(0, +)
    let weights = try Arena(byteCount: 4 * count, isTouched: false)
    let vector = unsafe ParameterVector(
      start: weights.start.bindMemory(to: Float.self, capacity: count), count: count,
      offsets: learners.flatMap(\.parameters).places.map { ($0.name, $0.range.lowerBound) })
    let largest = GradientTree.largestSubtree(of: ownShards, workers: workers)
    var training: [any Executable] = []
    var groups: [Int] = []
    var arenaBytes = 0
    for (learner, weights) in zip(learners, counts) {
      for (number, size) in design.shardSizes.enumerated() {
        let executable = try configuration.engine.prepare(
          learner.program(size), parameters: vector, isa: configuration.isa)
        let group =
          number == 0
          ? ShardRunner.group(executable, most: largest, weights: 4 * weights) : 1
        groups.append(group)
        arenaBytes = max(arenaBytes, executable.arenaByteCount(shards: group))
        training.append(executable)
      }
    }
    var evaluation: [any Executable] = []
    for size in design.data.validation.map({ Evaluator.shardSizes(of: $0.count) }) ?? [] {
      let program = try design.network.evaluationProgram(samples: size, input: design.input)
      evaluation.append(
        try configuration.engine.prepare(program, parameters: vector, isa: configuration.isa))
    }
    memory = Trainer.Memory(
      arenas: workers * max(arenaBytes, evaluation.map(\.arenaByteCount).max() ?? 0),
      samples: BatchLoader.byteCount(
        of: design.data.training, places: configuration.layout.places(of: ownShards),
        isAugmented: configuration.data.augmentation(seed: configuration.seed) != nil),
      gradients: counts.reduce(0) {
        $0 + GradientTree.byteCount(shards: ownShards, workers: workers, elements: $1)
      },
      state: ModelState.byteCount(learners, slices: slices),
      packed: vector.packed.byteCount,
      snapshot: Snapshot.byteCount(design, on: communicator))
    plan = training.first?.description.map {
      PlanReport(
        $0, samples: configuration.layout.size, group: groups[0],
        arenaByteCount: training[0].arenaByteCount(shards: groups[0]))
    }
  }

  /// Throws if the system does not grant what the run will take on each of this host's ranks.
  package func requireMemory(ranks: Int) throws(Failure) {
    // Workers, of which this thread is one, and those that fill batches and write checkpoints.
    let stacks = (workers + 1) * JoinableThread.stackBytes
    try MemoryLimits.require(
      memory.total + stacks, for: "this run with \(workers) \(workers == 1 ? "worker" : "workers")",
      ranks: ranks)
  }
}
