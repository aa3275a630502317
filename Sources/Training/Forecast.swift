package import Communication
internal import Datasets
package import Diagnostics
internal import Execution
internal import Networks
internal import Optimizers

/// What a run will take on this rank, found without the samples and without taking it.
package struct Forecast {
  package let workers: Int
  package let memory: Trainer.Memory
  /// The program of a full shard in training; nil where the engine does not plan.
  package let plan: PlanReport?

  package init(
    _ design: Design, communicator: Communicator, workers wanted: Int
  ) throws(Failure) {
    let (configuration, network) = (design.configuration, design.network)
    let shards = configuration.layout.shards
    let count = network.parameterCount
    let slice = try communicator.prepareReduction(elements: count, shards: shards).part
    let ownShards = (0..<shards).part(communicator.rank, of: communicator.size)
    workers = max(1, min(wanted, ownShards.count))

    // Addresses for plans that will not run.
    let weights = try Arena(byteCount: 4 * count, isTouched: false)
    let vector = unsafe ParameterVector(
      start: weights.start.bindMemory(to: Float.self, capacity: count), count: count,
      offsets: network.places.map { ($0.name, $0.range.lowerBound) })
    var training: [any Executable] = []
    for size in design.shardSizes {
      let program = try network.trainingProgram(samples: size, input: design.input)
      training.append(
        try configuration.engine.prepare(program, parameters: vector, isa: configuration.isa))
    }
    var evaluation: [any Executable] = []
    for size in design.data.validation.map({ Evaluator.shardSizes(of: $0.count) }) ?? [] {
      let program = try network.evaluationProgram(samples: size, input: design.input)
      evaluation.append(
        try configuration.engine.prepare(program, parameters: vector, isa: configuration.isa))
    }
    let all = training + evaluation
    memory = Trainer.Memory(
      arenas: workers * (all.map(\.arenaByteCount).max() ?? 0),
      samples: BatchLoader.byteCount(
        of: design.data.training, places: configuration.layout.places(of: ownShards),
        isAugmented: configuration.data.augmentation(seed: configuration.seed) != nil),
      gradients: GradientTree.byteCount(shards: ownShards, workers: workers, elements: count),
      state: ModelState.byteCount(
        network, slice: slice, moments: configuration.optimizer.moments.count),
      shared: all.reduce(0) { $0 + $1.sharedByteCount },
      snapshot: Snapshot.byteCount(design, on: communicator))
    plan = training.first?.description.map {
      PlanReport($0, samples: configuration.layout.size)
    }
  }
}
