package import Checkpoints
package import Datasets
package import Diagnostics
internal import Execution
internal import Graphs
package import ModelFiles
internal import Networks

/// Predicts for new samples by a trained network from a checkpoint or a model file.
@safe package final class Predictor {
  package let configuration: RunConfiguration
  /// That of the samples, with only the fields that the network reads.
  package let coding: SampleCoding
  private let network: Network
  private let pool: WorkerPool
  private let weights: Arena
  private let vector: ParameterVector

  /// Samples that are computed together, so that an answer does not depend on the number of workers.
  private static let shardSize = 64

  package convenience init(_ checkpoint: borrowing Checkpoint, workers: Int) throws(Failure) {
    let path = checkpoint.path
    let configuration = try RunConfiguration(saved: checkpoint.configuration, of: path)
    try configuration.requireAnswers(else: "draw samples with nn-dist sample \(path)")
    let coding = try SampleCoding(text: checkpoint.coding, source: "\(path) /coding")
    let network = try Network(
      configuration.settings, sample: Shape(coding.shape), targets: TargetType(coding),
      fields: [TargetType.NamedField](coding))
    try unsafe self.init(configuration, coding, network, workers: workers) {
      values throws(Failure) in
      try unsafe checkpoint.read(.weights, as: network.parameters.layout, into: values)
    }
  }

  /// A model file on samples that stand in another file.
  package convenience init(
    _ model: StoredModel, of path: String, for input: String, workers: Int
  ) throws(Failure) {
    let coding = try model.coding(of: path, for: input)
    let stored = try StoredNetwork(
      model, of: path, samples: coding.shape, targets: TargetType(coding))
    try unsafe self.init(
      stored.configuration, coding, stored.network, workers: workers
    ) { values throws(Failure) in try unsafe stored.copy(into: values) }
  }

  private init(
    _ configuration: RunConfiguration, _ coding: SampleCoding, _ network: Network, workers: Int,
    _ fill: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Void
  ) throws(Failure) {
    self.configuration = configuration
    let program = try network.answeringProgram(samples: 1, input: SampleInput(coding))
    self.coding = coding.keeping(fields: program.inputs.map(\.name))
    self.network = network
    let layout = network.parameters.layout
    weights = try Arena(byteCount: 4 * layout.count)
    let start = unsafe weights.start.bindMemory(to: Float.self, capacity: layout.count)
    try unsafe fill(UnsafeMutableBufferPointer(start: start, count: layout.count))
    vector = unsafe ParameterVector(start: start, layout: layout)
    pool = try WorkerPool(count: workers)
  }

  deinit { pool.stop() }

  /// How many numbers an answer has: one for each class, or each value.
  package var width: Int { network.targets.outputs.count }

  /// What an answer is, and the field of the data that it stands for, where the loss names one.
  var targets: TargetType { network.targets }
  var targetField: String? { network.targetField }

  /// Whether answers for classes are probabilities, and not any scores.
  package var givesProbabilities: Bool { network.givesProbabilities }

  /// The answers for all samples, one after the other.
  package func answers(to samples: any InputSamples) throws(Failure) -> [Float] {
    let shard = try Shard(self, samples: Self.shardSize, workers: pool.count)
    let room = pool.count * Self.shardSize
    let inputs = [("samples", coding.sampleBytes)] + coding.fields.map { ($0.name, $0.byteCount) }
    var block = Block()
    for (name, size) in inputs {
      block.inputs.append((name, size, try Arena(byteCount: room * size)))
    }
    var answers: [Float] = []
    while true {
      let first = answers.count / width
      let count = try unsafe samples.read(room, into: block.bytes(0, samples: room))
      for place in coding.fields.indices {
        try unsafe samples.read(
          first..<first + count, ofField: place, into: block.bytes(1 + place, samples: count))
      }
      try check(block.inputs[0].bytes, count, first: first)
      let whole = count / Self.shardSize
      let results = unsafe [Float](unsafeUninitializedCapacity: count * width) { results, written in
        unsafe run(shard, whole, on: block, into: results)
        written = whole * Self.shardSize * width
      }
      answers += results
      if count % Self.shardSize > 0 {
        answers += try rest(count % Self.shardSize, of: block, after: whole)
      }
      if count < room { return answers }
    }
  }

  /// Samples and their fields, as program inputs: for each its name, its bytes a sample, and all.
  private struct Block {
    var inputs: [(name: String, size: Int, bytes: Arena)] = []

    /// The memory of an input for some samples.
    func bytes(_ input: Int, samples: Int) -> UnsafeMutableRawBufferPointer {
      unsafe UnsafeMutableRawBufferPointer(
        start: inputs[input].bytes.start, count: samples * inputs[input].size)
    }
  }

  private func run(
    _ shard: Shard, _ count: Int, on block: Block, into results: UnsafeMutableBufferPointer<Float>
  ) {
    let size = Self.shardSize
    pool.run { [self] worker in
      for number in stride(from: worker, to: count, by: pool.count) {
        unsafe shard.run(
          on: worker, block, from: number * size, size,
          into: UnsafeMutableBufferPointer(
            rebasing: results[number * size * width..<(number + 1) * size * width]))
      }
    }
  }

  /// The answers for the samples after the last whole shard.
  private func rest(_ count: Int, of block: Block, after shards: Int) throws(Failure) -> [Float] {
    let shard = try Shard(self, samples: count, workers: 1)
    var results = [Float](repeating: 0, count: count * width)
    unsafe results.withUnsafeMutableBufferPointer { results in
      unsafe shard.run(on: 0, block, from: shards * Self.shardSize, count, into: results)
    }
    return results
  }

  private func check(_ block: Arena, _ count: Int, first: Int) throws(Failure) {
    guard let limit = network.indexLimit else { return }
    let size = coding.shape.reduce(1, *)
    try unsafe requireIndices(
      UnsafeRawBufferPointer(start: block.start, count: count * coding.sampleBytes), coding.number,
      below: limit, sampleSize: size, first: first)
  }

  /// A program for so many samples, with a session for each worker.
  private struct Shard {
    private let sessions: [any Session]

    init(_ predictor: Predictor, samples: Int, workers: Int) throws(Failure) {
      let program = try predictor.network.answeringProgram(
        samples: samples, input: SampleInput(predictor.coding))
      let executable = try predictor.configuration.engine.prepare(
        program, parameters: predictor.vector, isa: predictor.configuration.isa)
      var sessions: [any Session] = []
      for _ in 0..<workers {
        sessions.append(
          try executable.makeSession(in: Arena(byteCount: executable.arenaByteCount)))
      }
      executable.packWeights(on: predictor.pool)
      self.sessions = sessions
    }

    func run(
      on worker: Int, _ block: Block, from first: Int, _ count: Int,
      into answers: UnsafeMutableBufferPointer<Float>
    ) {
      let session = sessions[worker]
      // A network of biases alone does not read its samples.
      for (name, size, bytes) in block.inputs {
        unsafe session.input(name)?.copyMemory(
          from: bytes.start + first * size, byteCount: count * size)
      }
      unsafe session.run(RandomPosition(seed: 0, step: 0, firstSample: 0), gradient: nil)
      unsafe answers.baseAddress?.update(
        from: session.output("answers").assumingMemoryBound(to: Float.self), count: answers.count)
    }
  }
}

extension SampleInput {
  init(_ coding: SampleCoding) {
    self.init(coding.number, coding.normalisation)
  }

  init(_ number: Dataset.Number, _ normalisation: Normalisation) {
    self.init(
      NumberType(number), scale: Double(normalisation.scale),
      mean: Double(normalisation.mean), deviation: Double(normalisation.deviation))
  }
}

extension NumberType {
  init(_ number: Dataset.Number) {
    switch number {
    case .uint8: self = .uint8
    case .int32: self = .int32
    case .float32: self = .float32
    }
  }
}
