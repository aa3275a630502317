package import Checkpoints
package import Datasets
package import Diagnostics
internal import Execution
internal import Graphs
package import ModelFiles
internal import Networks

/// Computes the predictions of a trained network, from a checkpoint or a model file.
///
/// One thread computes; meanwhile another may read the next samples.
@safe package final class Predictor: @unchecked Sendable {
  package let configuration: RunConfiguration
  /// The coding of its samples and predictions, with only the fields that the network reads.
  package let coding: SampleCoding
  private let network: Network
  /// The output that it predicts.
  let output: NetworkOutput
  private let pool: WorkerPool
  private let weights: Arena
  private let vector: ParameterVector
  /// The programs by their numbers of samples.
  private var shards: [Int: Shard] = [:]

  /// The samples that a program computes at once; fixed, so that predictions do not depend on the
  /// number of ranks or workers.
  static let shardSize = 64

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

  /// A model file, for samples of a coding.
  package convenience init(
    _ model: StoredModel, of path: String, for coding: SampleCoding, workers: Int
  ) throws(Failure) {
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

  /// The threads that compute.
  var workers: Int { pool.count }

  /// The numbers of a prediction: one for each class or value.
  package var width: Int { output.targets.outputs.count }

  /// The predictions for all samples, one after the other.
  package func predictions(for samples: any InputSamples) throws(Failure) -> [Float] {
    let block = try makeBlock(room: pool.count * Self.shardSize)
    var predictions: [Float] = []
    repeat {
      try read(block, of: samples, after: block.first + block.count)
      predictions += try self.predictions(for: block, 0..<block.count)
    } while block.count == block.room
    return predictions
  }

  /// Memory for so many samples.
  func makeBlock(room: Int) throws(Failure) -> SampleBlock {
    try SampleBlock(coding, room: room)
  }

  /// Reads the next samples of a file, and checks what the network expects of them.
  func read(
    _ block: SampleBlock, of samples: any InputSamples, after first: Int
  ) throws(Failure) {
    try block.read(samples, after: first)
    try check(block)
  }

  /// The predictions for samples of a block, from a multiple of the shard size on.
  func predictions(for block: SampleBlock, _ samples: Range<Int>) throws(Failure) -> [Float] {
    let whole = samples.count / Self.shardSize
    let end = samples.lowerBound + whole * Self.shardSize
    let shards = try whole > 0 ? shard(of: Self.shardSize) : nil
    let rest = try end < samples.upperBound ? shard(of: samples.upperBound - end) : nil
    return unsafe [Float](unsafeUninitializedCapacity: samples.count * width) { results, written in
      if let shards {
        unsafe run(shards, whole, on: block, from: samples.lowerBound, into: results)
      }
      if let rest {
        unsafe rest.run(
          on: 0, block, from: end, samples.upperBound - end,
          into: UnsafeMutableBufferPointer(
            rebasing: results[whole * Self.shardSize * width..<samples.count * width]))
      }
      written = samples.count * width
    }
  }

  /// The program for so many samples; a file ends with one of another size.
  private func shard(of samples: Int) throws(Failure) -> Shard {
    if let shard = shards[samples] { return shard }
    let shard = try Shard(
      self, samples: samples, workers: samples == Self.shardSize ? pool.count : 1)
    shards[samples] = shard
    return shard
  }

  private func run(
    _ shard: Shard, _ count: Int, on block: SampleBlock, from first: Int,
    into results: UnsafeMutableBufferPointer<Float>
  ) {
    let size = Self.shardSize
    pool.run { [self] worker in
      for number in stride(from: worker, to: count, by: pool.count) {
        unsafe shard.run(
          on: worker, block, from: first + number * size, size,
          into: UnsafeMutableBufferPointer(
            rebasing: results[number * size * width..<(number + 1) * size * width]))
      }
    }
  }

  private func check(_ block: SampleBlock) throws(Failure) {
    if let limit = network.indexLimits["samples"] {
      try unsafe requireIndices(
        UnsafeRawBufferPointer(block.bytes(0)), coding.number, below: limit,
        sampleSize: coding.shape.reduce(1, *), first: block.first)
    }
    for (place, field) in coding.fields.enumerated() {
      guard let steps = network.lengthLimits[field.name] else { continue }
      let bytes = unsafe block.bytes(1 + place)
      for sample in 0..<block.count {
        let length =
          unsafe field.number == .uint8
          ? Int(bytes[sample]) : Int(bytes.load(fromByteOffset: 4 * sample, as: Int32.self))
        guard !(1...steps).contains(length) else { continue }
        throw Failure(length: length, of: field.name, steps: steps, sample: block.first + sample)
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
      on worker: Int, _ block: SampleBlock, from first: Int, _ count: Int,
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
