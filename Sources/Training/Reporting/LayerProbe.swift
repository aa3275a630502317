internal import Datasets
internal import Diagnostics
internal import Execution
internal import Graphs
internal import Networks
internal import Reports

/// Runs the first samples of a dataset through the layers, to see which units of ReLU are dead,
/// what recurrent layers make of a sequence, and what attention looks at.
@safe final class LayerProbe {
  /// What it found.
  struct Result: Sendable {
    /// For each layer of ReLU, the share of units that are 0 for all samples.
    var dead: [(layer: String, share: Double)] = []
    var sequences: [Sequence] = []
    var attention: [Attention] = []
  }

  /// What the heads of a layer look at in the first sample: for each head a row of weights for each
  /// step, over the steps that it reads.
  struct Attention: Sendable {
    let layer: String
    let heads: Int
    let steps: Int
    let weights: [Float]
    /// The tokens of a text that is read and reads.
    let columns: [String]?
  }

  /// What a recurrent layer makes of the first sample: a row of units for each step.
  struct Sequence: Sendable {
    let layer: String
    let units: Int
    let values: [Float]
    /// The tokens of a text.
    let columns: [String]?
  }

  /// Its program, compiled.
  struct Plan {
    let executable: any Executable
    let samples: Int
    let outputs: [(kind: String, layer: String, shape: Shape)]

    var arenaByteCount: Int { executable.arenaByteCount }

    /// Nil where no layer shows anything.
    init?(_ compiled: CompiledExperiment, _ parameters: ParameterVector) throws(Failure) {
      func program(_ samples: Int) throws(Failure) -> Program? {
        let kinds = LayerProbe.recurrent.union([LayerProbe.relu, LayerProbe.attention])
        if let adversaries = compiled.adversaries {
          return try adversaries.probingProgram(samples: samples, input: compiled.input, of: kinds)
        }
        return try compiled.network.probingProgram(
          samples: samples, input: compiled.input, of: kinds)
      }
      guard let one = try program(1) else { return nil }
      let bytes = one.outputs.reduce(0) { $0 + 4 * one.type(of: $1.value).count }
      let set = compiled.data.validation ?? compiled.data.training
      let samples = max(
        1, min(LayerProbe.sampleLimit, set.count, LayerProbe.byteLimit / max(1, bytes)))
      guard let program = try program(samples) else { return nil }
      self.samples = samples
      executable = try compiled.configuration.engine.prepare(
        program, parameters: parameters, isa: compiled.configuration.isa)
      outputs = program.outputs.map { output in
        let parts = output.name.split(separator: "/", maxSplits: 1).map(String.init)
        return (parts[0], parts[1], program.type(of: output.value).shape)
      }
    }
  }

  private let plan: Plan
  private let session: any Session
  private let pool: WorkerPool
  private let loader: BatchLoader
  private let noise: NoiseSource?
  private let random: RandomPosition
  /// Those of the first sample, if it is a text.
  private let tokens: [String]?

  private static let sampleLimit = 64
  /// The bytes that the outputs of the layers may take together.
  private static let byteLimit = 1 << 26
  private static let relu = "relu"
  private static let attention = "attention"
  private static let recurrent: Set<String> = ["lstm", "gru", "rnn", "mgu"]

  /// The probe of a rank, which runs in the arena of its first worker.
  init(_ plan: Plan, _ experiment: Experiment, on pool: WorkerPool, in arena: Arena) throws(Failure)
  {
    self.plan = plan
    self.pool = pool
    session = try plan.executable.makeSession(in: arena)
    let data = experiment.data
    let set = experiment.validates ? data.validation ?? data.training : data.training
    loader = BatchLoader(inOrder: set)
    tokens = try set.tokens(of: 0)
    loader.load(Batch(samples: Array(0..<Int32(plan.samples))[...]))
    let seed = experiment.configuration.seed
    random = RandomPosition(seed: seed, step: 0, firstSample: 0)
    noise = experiment.compiled.adversaries.map { NoiseSource($0.settings, seed: seed) }
  }

  /// The share of time that goes to it.
  private static let share = 1.0 / 200
  /// When it ended last, and how long it took.
  private var lastTime = -Double.infinity
  private var duration = 0.0

  /// Looks at the layers if there is time for it, or after the last step; nil if it did not, or
  /// samples could not be read.
  func result(isLast: Bool) -> Result? {
    let start = monotonicSeconds()
    guard isLast || start - lastTime >= duration / Self.share else { return nil }
    defer {
      lastTime = monotonicSeconds()
      duration = lastTime - start
    }
    return try? run()
  }

  /// Looks at the layers with the weights of now.
  ///
  /// Call it between steps, on the thread that takes them.
  func run() throws(Failure) -> Result {
    plan.executable.packWeights(on: pool)
    let bindings = session.shards[0]
    bindings.write(0..<plan.samples, of: loader)
    noise?.write(0..<plan.samples, to: bindings, step: 0)
    if let failure = loader.failure { throw failure }
    unsafe session.run(random, gradient: nil)
    var result = Result()
    for (kind, layer, shape) in plan.outputs {
      let values = unsafe UnsafeBufferPointer(
        start: session.output("\(kind)/\(layer)").assumingMemoryBound(to: Float.self),
        count: shape.count)
      let units = shape.extents.last ?? 1
      if kind == Self.relu {
        result.dead.append((layer, unsafe Self.deadShare(of: values, units: units)))
      } else if kind == Self.attention {
        result.attention.append(
          Attention(
            layer: layer, heads: shape[1], steps: shape[2], weights: unsafe Array(values),
            columns: shape[2] == units && units == tokens?.count ? tokens : nil))
      } else if shape.rank > 2, shape.count > plan.samples * units {
        let first = unsafe values.prefix(shape.count / plan.samples)
        result.sequences.append(
          Sequence(layer: layer, units: units, values: unsafe Array(first), columns: tokens))
      }
    }
    return result
  }

  /// The share of units that are 0 everywhere; units stand side by side.
  private static func deadShare(of values: UnsafeBufferPointer<Float>, units: Int) -> Double {
    var isAlive = [Bool](repeating: false, count: units)
    for start in stride(from: 0, to: values.count, by: units) {
      for unit in 0..<units where unsafe values[start + unit] != 0 { isAlive[unit] = true }
    }
    return Double(isAlive.count { !$0 }) / Double(units)
  }
}
