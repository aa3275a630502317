package import Checkpoints
package import Datasets
package import Diagnostics
internal import Execution
internal import Graphs
package import ModelFiles
internal import Networks

/// Computes the predictions of a trained network, from a checkpoint or a model file.
@safe package final class Predictor {
  package let configuration: RunConfiguration
  /// The coding of its samples and predictions, with only the fields that the network reads.
  package let coding: SampleCoding
  private let network: Network
  /// The output that it predicts.
  let output: NetworkOutput
  private let pool: WorkerPool
  private let weights: Arena
  private let vector: ParameterVector

  /// The samples that a program computes at once; fixed, so that predictions do not depend on the
  /// number of workers.
  private static let shardSize = 64

  /// The output of a layer, or the first output.
  package convenience init(
    _ checkpoint: borrowing Checkpoint, of layer: String? = nil, workers: Int
  ) throws(Failure) {
    let path = checkpoint.path
    let configuration = try RunConfiguration(saved: checkpoint.configuration, of: path)
    try configuration.requireSupervised(else: "draw samples with nn-dist sample \(path)")
    let coding = try SampleCoding(text: checkpoint.coding, source: "\(path) /coding")
    let network = try Network(
      configuration.settings, sample: Shape(coding.shape), targets: TargetType(coding),
      fields: [TargetType.NamedField](coding))
    let output = try network.output(of: layer)
    try unsafe self.init(configuration, coding, network, output, workers: workers) {
      values throws(Failure) in
      try unsafe checkpoint.read(.weights, as: network.parameters.layout, into: values)
    }
  }

  /// A model file, for the samples of the file `input`.
  package convenience init(
    _ model: StoredModel, of path: String, for input: String, workers: Int
  ) throws(Failure) {
    let coding = try model.coding(of: path, for: input)
    let stored = try StoredNetwork(
      model, of: path, samples: coding.shape, targets: TargetType(coding))
    try unsafe self.init(
      stored.configuration, coding, stored.network, stored.network.outputs[0], workers: workers
    ) { values throws(Failure) in try unsafe stored.copy(into: values) }
  }

  private init(
    _ configuration: RunConfiguration, _ coding: SampleCoding, _ network: Network,
    _ output: NetworkOutput, workers: Int,
    _ fill: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Void
  ) throws(Failure) {
    self.configuration = configuration
    let program = try network.answeringProgram(samples: 1, input: SampleInput(coding))
    self.coding = coding.keeping(fields: program.inputs.map(\.name))
    self.network = network
    self.output = output
    let layout = network.parameters.layout
    weights = try Arena(byteCount: 4 * layout.count)
    let start = unsafe weights.start.bindMemory(to: Float.self, capacity: layout.count)
    try unsafe fill(UnsafeMutableBufferPointer(start: start, count: layout.count))
    vector = unsafe ParameterVector(start: start, layout: layout)
    pool = try WorkerPool(count: workers)
  }

  deinit { pool.stop() }

  /// The numbers of a prediction: one for each class or value.
  package var width: Int { output.targets.outputs.count }

  /// The predictions for all samples, one after the other.
  package func predictions(for samples: any InputSamples) throws(Failure) -> [Float] {
    let shard = try Shard(self, samples: Self.shardSize, workers: pool.count)
    let room = pool.count * Self.shardSize
    let inputs = [("samples", coding.sampleBytes)] + coding.fields.map { ($0.name, $0.byteCount) }
    var block = Block()
    for (name, size) in inputs {
      block.inputs.append((name, size, try Arena(byteCount: room * size)))
    }
    var predictions: [Float] = []
    while true {
      let first = predictions.count / width
      let count = try unsafe samples.read(room, into: block.bytes(0, samples: room))
      for place in coding.fields.indices {
        try unsafe samples.read(
          first..<first + count, ofField: place, into: block.bytes(1 + place, samples: count))
      }
      try check(block, count, first: first)
      let whole = count / Self.shardSize
      let results = unsafe [Float](unsafeUninitializedCapacity: count * width) { results, written in
        unsafe run(shard, whole, on: block, into: results)
        written = whole * Self.shardSize * width
      }
      predictions += results
      if count % Self.shardSize > 0 {
        predictions += try rest(count % Self.shardSize, of: block, after: whole)
      }
      if count < room { return predictions }
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

  /// The predictions for the samples after the last whole shard.
  private func rest(_ count: Int, of block: Block, after shards: Int) throws(Failure) -> [Float] {
    let shard = try Shard(self, samples: count, workers: 1)
    var results = [Float](repeating: 0, count: count * width)
    unsafe results.withUnsafeMutableBufferPointer { results in
      unsafe shard.run(on: 0, block, from: shards * Self.shardSize, count, into: results)
    }
    return results
  }

  private func check(_ block: Block, _ count: Int, first: Int) throws(Failure) {
    if let limit = network.indexLimits["samples"] {
      try unsafe requireIndices(
        UnsafeRawBufferPointer(block.bytes(0, samples: count)), coding.number, below: limit,
        sampleSize: coding.shape.reduce(1, *), first: first)
    }
    for (place, field) in coding.fields.enumerated() {
      guard let steps = network.lengthLimits[field.name] else { continue }
      let bytes = unsafe block.bytes(1 + place, samples: count)
      for sample in 0..<count {
        let length =
          unsafe field.number == .uint8
          ? Int(bytes[sample]) : Int(bytes.load(fromByteOffset: 4 * sample, as: Int32.self))
        guard !(1...steps).contains(length) else { continue }
        throw Failure(length: length, of: field.name, steps: steps, sample: first + sample)
      }
    }
  }

  /// A program for a number of samples, with a session for each worker.
  private struct Shard {
    private let sessions: [any Session]
    private let answers: String

    init(_ predictor: Predictor, samples: Int, workers: Int) throws(Failure) {
      let program = try predictor.network.answeringProgram(
        samples: samples, input: SampleInput(predictor.coding))
      let executable = try predictor.configuration.engine.prepare(
        program, parameters: predictor.vector, isa: predictor.configuration.isa)
      sessions = try (0..<workers).map { (_) throws(Failure) in
        try executable.makeSession(in: Arena(byteCount: executable.arenaByteCount))
      }
      executable.packWeights(on: predictor.pool)
      answers = "answers\(predictor.output.suffix)"
    }

    func run(
      on worker: Int, _ block: Block, from first: Int, _ count: Int,
      into predictions: UnsafeMutableBufferPointer<Float>
    ) {
      let session = sessions[worker]
      // A network of biases alone does not read its samples.
      for (name, size, bytes) in block.inputs {
        unsafe session.input(name)?.copyMemory(
          from: bytes.start + first * size, byteCount: count * size)
      }
      unsafe session.run(RandomPosition(seed: 0, step: 0, firstSample: 0), gradient: nil)
      unsafe predictions.baseAddress?.update(
        from: session.output(answers).assumingMemoryBound(to: Float.self),
        count: predictions.count)
    }
  }
}

extension Network {
  /// The output of a layer; the first one if no layer is named.
  fileprivate func output(of layer: String?) throws(Failure) -> NetworkOutput {
    guard let layer else { return outputs[0] }
    guard let output = outputs.first(where: { $0.name == layer }) else {
      let names = outputs.map(\.name).filter { !$0.isEmpty }
      throw Failure(
        .usage,
        names.isEmpty
          ? "--layer \(layer): the network has one output: leave --layer out"
          : "--layer \(layer): no output of the network, expected one of "
            + names.joined(separator: ", "))
    }
    return output
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
