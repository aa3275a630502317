package import Communication
package import Datasets
package import Diagnostics
package import Execution
internal import Networks
package import Reports

/// Exact figures of a network over a dataset: each sample counts once, whatever the rank count.
@safe package final class Evaluator {
  /// Samples of an evaluation shard.
  ///
  /// Sums run over these shards in order, so it is part of what
  /// the figures are, to the last bit.
  private static let shardSize = 64

  private let communicator: Communicator
  private let pool: WorkerPool
  private let loader: BatchLoader
  private let runner: ShardRunner
  private let order: Batch
  private let seed: UInt64
  private let shardCount: Int
  private let sums: UnsafeMutablePointer<UInt64>
  private let plan: GatherPlan
  /// The class that was found for each sample.
  private let found: UnsafeMutablePointer<Int32>

  package init(
    _ dataset: Dataset, of experiment: Experiment, state: ModelState,
    communicator: Communicator, pool: WorkerPool
  ) throws(Failure) {
    self.communicator = communicator
    self.pool = pool
    seed = experiment.configuration.seed
    var sampler = Sampler(count: dataset.count, batch: dataset.count, order: .sequential)
    order = sampler.batch(atStep: 0)
    let count = dataset.count
    shardCount = (count + Evaluator.shardSize - 1) / Evaluator.shardSize
    let loader = BatchLoader(inOrder: dataset)
    loader.load(order)
    self.loader = loader
    runner = try ShardRunner(
      SupervisedTask(loader, experiment.measures), sizes: Evaluator.shardSizes(of: count)
    ) {
      (samples) throws(Failure) in
      try experiment.configuration.engine.prepare(
        experiment.network.evaluationProgram(samples: samples, input: experiment.input),
        parameters: state.vector, isa: experiment.configuration.isa)
    }
    let shards = 0..<shardCount
    plan = communicator.gatherPlan(
      (0..<communicator.size).map {
        let part = shards.part($0, of: communicator.size)
        let bytes = 8 * ShardSums.wordCount
        return bytes * part.lowerBound..<bytes * part.upperBound
      })
    unsafe sums = .allocate(capacity: ShardSums.wordCount * shardCount)
    unsafe sums.initialize(repeating: 0, count: ShardSums.wordCount * shardCount)
    unsafe found = .allocate(capacity: count)
    unsafe found.initialize(repeating: 0, count: count)
  }

  /// The numbers of samples that shards of so many have, the most first.
  static func shardSizes(of count: Int) -> [Int] {
    let tail = count % shardSize
    return (count >= shardSize ? [shardSize] : []) + (tail > 0 ? [tail] : [])
  }

  deinit {
    unsafe sums.deallocate()
    unsafe found.deallocate()
  }

  /// Bytes of arena that each worker needs.
  var arenaByteCount: Int { runner.arenaByteCount }
  var sharedByteCount: Int { runner.sharedByteCount }

  /// Called by the thread that evaluates after each of its shards, with their number and that of all
  /// that it has.
  package var onShard: ((Int, Int) -> Void)?

  /// Must be called once, before the first evaluation.
  package func makeSessions(in arenas: [Arena]) throws(Failure) {
    try runner.makeSessions(in: arenas)
  }

  /// Arenas for an evaluation on its own.
  package func makeSessions() throws(Failure) {
    var arenas: [Arena] = []
    for _ in 0..<pool.count { arenas.append(try Arena(byteCount: arenaByteCount)) }
    try makeSessions(in: arenas)
  }

  /// Evaluates other samples from now on: as many of the same kind, all in memory.
  package func replaceSamples(by dataset: Dataset) { loader.replaceDataset(by: dataset) }

  /// The figures for the weights as they are now; the same on all ranks.
  package func evaluate() throws(Failure) -> Evaluation {
    runner.refresh(others: true)
    let own = (0..<shardCount).part(communicator.rank, of: communicator.size)
    pool.run { [self] worker in
      let part = own.part(worker, of: pool.count)
      for shard in part {
        let places = places(of: shard..<shard + 1)
        unsafe runner.run(
          places, on: worker, scale: BatchScale(samples: 1),
          random: RandomPosition(seed: seed, step: 0, firstSample: places.lowerBound),
          gradient: nil, found: found + places.lowerBound
        ) { _, result in
          unsafe result.write(to: sums + ShardSums.wordCount * shard)
        }
        if worker == 0 { onShard?(shard - part.lowerBound + 1, part.count) }
      }
    }
    try communicator.together { () throws(Failure) in
      if let failure = loader.failure { throw failure }
    }
    try unsafe communicator.allGather(UnsafeMutableRawPointer(sums), plan)
    var total = ShardSums()
    for shard in 0..<shardCount {
      unsafe total += ShardSums(from: sums + ShardSums.wordCount * shard)
    }
    return Evaluation(
      loss: total.loss / Double(order.count), counters: total.counters, samples: order.count)
  }

  private func places(of shards: Range<Int>) -> Range<Int> {
    min(
      order.count, shards.lowerBound * Evaluator.shardSize)..<min(
        order.count, shards.upperBound * Evaluator.shardSize)
  }

  /// How classes were taken for each other in the last evaluation; nil if there are none.
  ///
  /// Collective.
  package func confusion() throws(Failure) -> Confusion? {
    guard case .classes(_, let names, _) = loader.dataset.targets,
      let labels = loader.dataset.labels
    else { return nil }
    try unsafe communicator.allGather(
      UnsafeMutableRawPointer(found),
      ranges: (0..<communicator.size).map {
        let own = places(of: (0..<shardCount).part($0, of: communicator.size))
        return 4 * own.lowerBound..<4 * own.upperBound
      })
    return Confusion(
      names: names, labels: labels, found: labels.indices.map { unsafe found[$0] })
  }
}

/// How a network does on a dataset.
package struct Evaluation: Equatable, Sendable {
  /// The mean over the samples.
  package let loss: Double
  package let counters: Counters
  package let samples: Int

  package init(loss: Double, counters: Counters, samples: Int) {
    self.loss = loss
    self.counters = counters
    self.samples = samples
  }
}
