internal import Diagnostics
internal import Execution
internal import Graphs
internal import Kernels
internal import Networks
internal import Training

/// The gradient of some samples as the engine computes it.
struct EngineGradient {
  private let executable: any Executable
  private let session: any Session
  private let position: RandomPosition
  private let gradient: Arena
  private let count: Int

  /// Reads the weights of `state`, also after they change.
  init(
    _ program: Program, by engine: Engine, of experiment: Experiment, _ group: ParameterGroup,
    _ state: ModelState, on samples: ArraySlice<Int32>, random position: RandomPosition
  ) throws(Failure) {
    let network = state.networks[group.number]
    executable = try engine.prepare(
      program, parameters: network.vector, isa: experiment.configuration.isa)
    session = try executable.makeSession(in: Arena(byteCount: executable.arenaByteCount))
    self.position = position
    count = network.count
    gradient = try Arena(byteCount: 4 * count)
    try experiment.write(samples, of: group, to: session.shards[0], random: position)
  }

  /// The gradient at the current weights, in their layout.
  func compute() -> [Double] {
    executable.packWeights()
    let floats = unsafe gradient.start.bindMemory(to: Float.self, capacity: count)
    unsafe session.run(position, gradient: floats)
    return (0..<count).map { unsafe Double(floats[$0]) }
  }
}
