package import Checkpoints
package import Datasets
package import Diagnostics
internal import Execution
internal import Graphs
internal import Networks
internal import Randomness

/// A generator that makes samples with the weights as they are.
///
/// Sample i follows from the seed and i alone.
@safe package final class SampleMaker {
  private let draws: (UInt64) -> Draws
  private let coding: SampleCoding
  private let noiseSize: Int
  /// For a full shard, and for what is left over; they take turns in one arena.
  private let programs: [(samples: Int, executable: any Executable, session: any Session)]
  private let count: Int
  /// Keeps the weights where they are.
  private let weights: Arena?

  /// Samples that are made together, so that the programs are small.
  private static let shardSize = 64

  init(
    _ adversaries: Adversaries, by configuration: RunConfiguration, _ coding: SampleCoding,
    _ vector: ParameterVector, in weights: Arena? = nil, samples count: Int
  ) throws(Failure) {
    self.coding = coding
    self.count = count
    self.weights = weights
    let settings = adversaries.settings
    draws = { Draws(settings, seed: $0) }
    noiseSize = settings.noiseSize
    let sizes = [min(count, Self.shardSize), count % Self.shardSize].filter { $0 > 0 }
    var executables: [(samples: Int, executable: any Executable)] = []
    for size in Set(sizes).sorted(by: >) {
      executables.append(
        (
          size,
          try configuration.engine.prepare(
            adversaries.samplingProgram(samples: size), parameters: vector, isa: configuration.isa)
        ))
    }
    let arena = try Arena(byteCount: executables.map(\.executable.arenaByteCount).max() ?? 0)
    var programs: [(samples: Int, executable: any Executable, session: any Session)] = []
    for (size, executable) in executables {
      programs.append((size, executable, try executable.makeSession(in: arena)))
    }
    self.programs = programs
  }

  /// The generator of a checkpoint, which is all that it needs.
  package convenience init(
    _ checkpoint: borrowing Checkpoint, samples count: Int
  ) throws(Failure) {
    let path = checkpoint.path
    let configuration = try RunConfiguration(saved: checkpoint.configuration, of: path)
    guard configuration.isAdversarial else {
      throw Failure(
        .badConfiguration,
        "'\(path)' holds a network that answers, not one that makes samples: use nn-dist predict")
    }
    let coding = try SampleCoding(text: checkpoint.coding, source: "\(path) /coding")
    let adversaries = try Adversaries(configuration.settings, sample: Shape(coding.shape))
    let layout = (adversaries.critic + adversaries.generator).layout
    let weights = try Arena(byteCount: 4 * layout.count)
    let start = unsafe weights.start.bindMemory(to: Float.self, capacity: layout.count)
    try unsafe checkpoint.read(
      .weights, as: layout, into: UnsafeMutableBufferPointer(start: start, count: layout.count))
    let vector = unsafe ParameterVector(start: start, layout: layout)
    try self.init(
      adversaries, by: configuration, coding, vector, in: weights, samples: count)
  }

  /// The seed of the run that a checkpoint is of.
  package static func seed(of checkpoint: borrowing Checkpoint) throws(Failure) -> UInt64 {
    try RunConfiguration(saved: checkpoint.configuration, of: checkpoint.path).seed
  }

  /// The samples that a seed gives.
  package func samples(seed: UInt64) -> GeneratedSamples {
    let draws = draws(seed)
    let size = coding.shape.reduce(1, *)
    var values: [Float] = []
    values.reserveCapacity(count * size)
    for (_, executable, _) in programs { executable.packWeights() }
    while values.count < count * size {
      let first = values.count / size
      let samples = min(Self.shardSize, count - first)
      guard let program = programs.first(where: { $0.samples == samples }) else {
        preconditionFailure("no program was compiled for \(samples) samples")
      }
      if let noise = unsafe program.session.input("noise") {
        unsafe draws.write(
          noise: UnsafeMutableBufferPointer(
            start: noise.assumingMemoryBound(to: Float.self), count: samples * noiseSize),
          from: first, .sampling, step: 0)
      }
      unsafe program.session.run(
        RandomPosition(seed: seed, step: 0, firstSample: first), gradient: nil)
      let output = unsafe program.session.output("samples").assumingMemoryBound(to: Float.self)
      unsafe values += UnsafeBufferPointer(start: output, count: samples * size)
    }
    return GeneratedSamples(values, seenBy: coding)
  }
}
