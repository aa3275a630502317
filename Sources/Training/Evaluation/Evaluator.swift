package import Communication
package import Datasets
package import Diagnostics
package import Execution
internal import Networks
package import Reports
package import RunFiles

/// Computes the metrics of a network over a dataset.
///
/// The result has the same bits on any number of ranks and workers.
@safe package final class Evaluator {
  let communicator: Communicator
  let pool: WorkerPool
  private let loader: BatchLoader
  private let runner: ShardRunner
  private let shards: EvaluationShards
  private let seed: UInt64
  let metrics: [Metric]
  /// What the threshold between two classes is chosen by, if the run chooses one.
  private let goal: ThresholdGoal?
  /// The threshold between two classes that decided in the last evaluation.
  package private(set) var threshold: Double?
  private let weights: [Float]?
  /// Memory for the answers of all samples, if something needs them at once.
  private let memory: AnswerMemory?
  /// What each worker found of single samples; empty if nobody asks.
  private let findings: [SampleFindings]
  /// The same of all ranks, once `evaluationFindings` was called after the last evaluation.
  private var merged: EvaluationFindings?
  /// Those of the last evaluation.
  private(set) var answers: [(output: NetworkOutput, answers: Answers)] = []
  /// The metrics of all shards, which an all-gather fills.
  private let words: UnsafeMutablePointer<UInt64>
  private let wordCount: Int
  private let plan: GatherPlan
  /// The names of the classes; empty for real targets and for too many classes.
  private let names: [String]
  /// A confusion matrix for each worker; `confusion` uses the memory for one of each rank.
  private let confusions: UnsafeMutablePointer<Int>
  /// The sum over all ranks, once `confusion` was called after the last evaluation.
  private var counted: ConfusionMatrix?

  /// Computes the metrics of the run if no others are given.
  ///
  /// `threshold` is that between two classes. With `keepsAnswers` those of all samples are kept for
  /// `intervals`; with `findsSamples` it looks for single samples.
  package convenience init(
    _ dataset: Dataset, of experiment: Experiment, state: ModelState,
    communicator: Communicator, pool: WorkerPool, metrics: [Metric]? = nil,
    threshold: Double? = nil, keepsAnswers: Bool = false, findsSamples: Bool = false
  ) throws(Failure) {
    try self.init(
      dataset, of: experiment, communicator: communicator, pool: pool,
      Evaluator.programs(of: experiment.compiled, state.vector, samples: dataset.count),
      metrics: metrics, threshold: threshold, keepsAnswers: keepsAnswers,
      findsSamples: findsSamples)
  }

  /// With a `goal` each evaluation chooses the threshold; with `findsSamples` it looks for single
  /// samples, for `sampleFindings`.
  init(
    _ dataset: Dataset, of experiment: Experiment, communicator: Communicator, pool: WorkerPool,
    _ programs: ShardPrograms, metrics given: [Metric]? = nil, threshold: Double? = nil,
    goal: ThresholdGoal? = nil, keepsAnswers: Bool = false, findsSamples: Bool = false
  ) throws(Failure) {
    self.communicator = communicator
    self.pool = pool
    self.goal = goal
    self.threshold = threshold
    weights = dataset.metricWeights
    seed = experiment.configuration.seed
    let states = experiment.compiled.states
    let shards = EvaluationShards(of: dataset.count, carriesStates: !states.isEmpty)
    self.shards = shards
    let loader = BatchLoader(inOrder: dataset)
    loader.load(Batch(samples: shards.order[...]))
    self.loader = loader
    arenaByteCount = programs.arenaByteCount
    runner = ShardRunner(
      SupervisedTask(loader, experiment, metrics: given, threshold: threshold), programs,
      carrying: states.isEmpty
        ? nil : try CarriedRows(states, rows: pool.count * EvaluationShards.rows))
    let metrics = given ?? experiment.metrics
    self.metrics = metrics
    memory = try AnswerMemory(
      of: experiment.network.outputs.filter { output in
        goal != nil || keepsAnswers
          || metrics.contains { $0.output == output.name && $0.needsWholeSet }
      }, shards, scores: metrics.compactMap(\.score), communicator: communicator,
      for: metrics.first(where: \.needsWholeSet).map { "\($0.name) needs" }
        ?? (goal == nil ? "the intervals need" : "the threshold needs"))
    let output =
      experiment.network.outputs.first { $0.output.target == nil } ?? experiment.network.outputs[0]
    findings = findsSamples ? (0..<pool.count).map { _ in SampleFindings(output, shards) } : []
    let wordCount = Metrics.wordCount(of: metrics)
    self.wordCount = wordCount
    plan = communicator.gatherPlan(
      (0..<communicator.size).map {
        let part = shards.part($0, of: communicator.size)
        let bytes = 8 * wordCount
        return bytes * part.lowerBound..<bytes * part.upperBound
      })
    unsafe words = .allocate(capacity: wordCount * shards.places.count)
    unsafe words.initialize(repeating: 0, count: wordCount * shards.places.count)
    let data = dataset.outline
    // Which letter was taken for which says little of a text.
    if let names = dataset.targets.classNames, names.count <= ConfusionMatrix.limit,
      !data.isText, !data.isTranslation,
      experiment.network.outputs.contains(where: {
        $0.output.target == nil && $0.targets.classes != nil
      })
    {
      self.names = names
    } else {
      names = []
    }
    let cells = names.count * names.count * max(pool.count, communicator.size)
    unsafe confusions = .allocate(capacity: cells)
    unsafe confusions.initialize(repeating: 0, count: cells)
  }

  /// The programs that evaluate `count` samples.
  static func programs(
    of compiled: CompiledExperiment, _ parameters: ParameterVector, samples count: Int
  ) throws(Failure) -> ShardPrograms {
    try ShardPrograms(
      sizes: EvaluationShards(of: count, carriesStates: !compiled.states.isEmpty).sizes
    ) { (samples) throws(Failure) in
      try compiled.configuration.engine.prepare(
        compiled.network.evaluationProgram(samples: samples, input: compiled.input),
        parameters: parameters, isa: compiled.configuration.isa)
    }
  }

  deinit {
    unsafe words.deallocate()
    unsafe confusions.deallocate()
  }

  /// The bytes of a worker's arena.
  private let arenaByteCount: Int

  /// Called by the first worker after each of its shards, with the finished ones and all of its
  /// own.
  package var onShard: ((Int, Int) -> Void)?

  /// Call it once, before the first evaluation.
  package func makeSessions(in arenas: [Arena]) throws(Failure) {
    try runner.makeSessions(in: arenas)
  }

  /// Allocates arenas and makes sessions, without a trainer.
  package func makeSessions() throws(Failure) {
    try makeSessions(
      in: (0..<pool.count).map { (_) throws(Failure) in try Arena(byteCount: arenaByteCount) })
  }

  /// Replaces the samples.
  ///
  /// The new samples are in memory; their number, shape and type stay the same.
  package func replaceSamples(by dataset: Dataset) { loader.replaceDataset(by: dataset) }

  /// Computes the metrics of the current weights, equal on all ranks.
  ///
  /// Collective.
  package func evaluate() throws(Failure) -> Metrics {
    runner.packWeights(on: pool)
    let own = shards.lanes.indices.part(communicator.rank, of: communicator.size)
    (counted, merged) = (nil, nil)
    for one in findings { one.reset() }
    unsafe confusions.update(repeating: 0, count: cells * pool.count)
    pool.run { [self] worker in
      let confusion = unsafe names.isEmpty ? nil : confusions + cells * worker
      let lanes = own.part(worker, of: pool.count)
      let part = shards.shards(of: lanes)
      for shard in part {
        let places = shards.places[shard]
        unsafe runner.run(
          places, on: worker, row: worker * EvaluationShards.rows,
          areFirst: shards.isFirst(shard), scale: BatchScale(samples: 1),
          random: RandomPosition(seed: seed, step: 0, firstSample: places.lowerBound),
          gradient: nil, confusion: confusion, kept: memory,
          findings: findings.isEmpty ? nil : findings[worker]
        ) { _, metrics in
          unsafe metrics.write(to: words + wordCount * shard)
        }
        if worker == 0 { onShard?(shard - part.lowerBound + 1, part.count) }
      }
    }
    try communicator.together { () throws(Failure) in
      if let failure = loader.failure { throw failure }
    }
    try unsafe communicator.allGather(UnsafeMutableRawPointer(words), plan)
    var total = Metrics(metrics)
    for shard in shards.places.indices { unsafe total.add(words + wordCount * shard) }
    try score(&total)
    return total
  }

  /// Computes what needs all answers at once.
  private func score(_ total: inout Metrics) throws(Failure) {
    guard let memory else { return }
    try memory.gather(communicator)
    answers = memory.answers(weights)
    for (output, answers) in answers {
      let own = self.own(output)
      if let goal {
        threshold = goal.threshold(of: answers)
        decide(answers, own, &total)
      }
      let wholes = own.compactMap { place, metric in metric.score.map { (place, $0) } }
      let values = WholeSetScores(wholes.map(\.1), of: answers).values(answers.weights)
      for ((place, _), value) in zip(wholes, values) { total.set(value, ofMetric: place) }
    }
  }

  /// The metrics of an output with their places.
  func own(_ output: NetworkOutput) -> [(place: Int, metric: Metric)] {
    metrics.enumerated().filter { $0.element.output == output.name }
      .map { ($0.offset, $0.element) }
  }

  /// Counts decisions again, by the threshold that these answers gave.
  private func decide(
    _ answers: Answers, _ own: [(place: Int, metric: Metric)], _ total: inout Metrics
  ) {
    var record = Metrics(metrics)
    answers.add(
      0..<answers.samples, of: own, threshold: threshold, factors: [], to: &record)
    total.takeMetrics(of: record)
    guard !names.isEmpty else { return }
    counted = answers.confusion(threshold: threshold).map {
      ConfusionMatrix(names: names, counts: $0)
    }
  }

  /// The area under the ROC curve of each class or label in the last evaluation; nil if the answers
  /// are not kept.
  package var areas: [Double?]? {
    guard answers.count == 1, let answers = answers.first?.answers else { return nil }
    return WholeSetScores([.ranking(.receiver, .macro)], of: answers).areas(answers.weights)
  }

  /// The elements of a confusion matrix.
  private var cells: Int { names.count * names.count }

  /// The confusion matrix of the last evaluation; nil if there are no classes.
  ///
  /// Collective.
  package func confusion() throws(Failure) -> ConfusionMatrix? {
    guard counted == nil, !names.isEmpty else { return counted }
    addUp(pool.count)
    let rank = communicator.rank
    if rank > 0 { unsafe (confusions + cells * rank).update(from: confusions, count: cells) }
    try unsafe communicator.allGather(
      UnsafeMutableRawPointer(confusions),
      ranges: (0..<communicator.size).map { 8 * cells * $0..<8 * cells * ($0 + 1) })
    addUp(communicator.size)
    counted = ConfusionMatrix(names: names, counts: (0..<cells).map { unsafe confusions[$0] })
    return counted
  }

  /// What the last evaluation found, on all ranks alike; nil if it did not look.
  ///
  /// Collective.
  func evaluationFindings() throws(Failure) -> EvaluationFindings? {
    guard merged == nil, let all = findings.first else { return merged }
    for other in findings.dropFirst() { all.merge(other.worst, other.found) }
    let (own, count) = (all.words, all.wordCount)
    var words = [UInt32](repeating: 0, count: count * communicator.size)
    words.replaceSubrange(count * communicator.rank..<count * (communicator.rank + 1), with: own)
    try unsafe communicator.allGather(
      &words, ranges: (0..<communicator.size).map { 4 * count * $0..<4 * count * ($0 + 1) })
    for rank in 0..<communicator.size where rank != communicator.rank {
      all.merge(words[count * rank..<count * (rank + 1)])
    }
    merged = EvaluationFindings(
      output: all.output, samples: shards.order.count, confusion: try confusion(),
      threshold: threshold, pairs: all.found.compactMap(\.self), worst: all.worst)
    return merged
  }

  /// The same for people.
  package func validationFindings(
    in data: Dataset, after step: Int, isBest: Bool
  ) throws(Failure) -> ValidationFindings? {
    guard let found = try evaluationFindings() else { return nil }
    return try found.described(by: data, after: step, isBest: isBest)
  }

  /// Adds the first `count` matrices to the first.
  private func addUp(_ count: Int) {
    for other in 1..<max(1, count) {
      for cell in 0..<cells { unsafe confusions[cell] += confusions[other * cells + cell] }
    }
  }
}
