internal import Datasets
internal import Diagnostics
internal import Execution
internal import Graphs
internal import Networks
internal import Kernels

/// The gradient that the fast engine computes for some samples.
struct EngineGradient {
  private let executable: any Executable
  private let session: any Session
  private let position: RandomPosition
  private let gradient: Arena
  private let count: Int

  /// Follows the weights of `state` wherever they go.
  init(
    _ program: Program, by engine: Engine, of experiment: Experiment, _ learner: Learner,
    _ state: ModelState, on samples: ArraySlice<Int32>, random position: RandomPosition
  ) throws(Failure) {
    let network = state.networks[learner.number]
    executable = try engine.prepare(
      program, parameters: network.vector, isa: experiment.configuration.isa)
    session = try executable.makeSession(in: Arena(byteCount: executable.arenaByteCount))
    self.position = position
    count = network.count
    gradient = try Arena(byteCount: 4 * count)
    let loader = BatchLoader(inOrder: experiment.data.training)
    loader.load(Batch(samples: samples))
    experiment.task(of: learner, on: loader).write(
      0..<samples.count, to: session.shards[0], position)
    if let failure = loader.failure { throw failure }
    try BatchScale(samples, of: experiment).write(to: session.shards[0])
  }

  /// The gradient at the weights as they are now, laid out as they are.
  func compute() -> [Double] {
    executable.packWeights()
    let floats = unsafe gradient.start.bindMemory(to: Float.self, capacity: count)
    unsafe session.run(position, gradient: floats)
    return (0..<count).map { unsafe Double(floats[$0]) }
  }
}

extension Experiment {
  /// All that programs of the first step take for some samples, as the reference evaluator takes it.
  func inputs(
    _ samples: ArraySlice<Int32>, random position: RandomPosition,
    convert: (Float) -> Double = { Double($0) }
  ) throws(Failure) -> [String: Tensor] {
    let tensors = try data.training.tensors(samples, convert: convert)
    guard let settings = design.adversaries?.settings else { return tensors }
    let draws = Draws(settings, seed: position.seed)
      .tensors(samples: samples.count, step: position.step, convert: convert)
    return tensors.merging(draws) { $1 }
  }
}

extension Draws {
  /// The same for the first places of a batch.
  fileprivate func tensors(
    samples count: Int, step: Int, convert: (Float) -> Double
  ) -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    for (name, shape) in [
      ("noise", [count, noiseSize]), ("mixture", [count]), ("label_noise", [count, 2]),
    ] as [(String, Shape)] {
      var numbers = [Float](repeating: 0, count: shape.count)
      unsafe numbers.withUnsafeMutableBufferPointer {
        unsafe write(name, $0, from: 0, step: step)
      }
      tensors[name] = Tensor(shape, numbers.map(convert))
    }
    return tensors
  }
}
