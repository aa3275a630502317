package import Checkpoints
package import Datasets
package import Diagnostics
internal import Execution
internal import Graphs
internal import Networks
internal import Randomness

/// Runs the generator of an adversarial run.
///
/// Sample i depends on the weights, the seed and i only.
@safe package final class SampleMaker {
  private let noiseSource: (UInt64) -> NoiseSource
  private let coding: SampleCoding
  private let noiseSize: Int
  /// The programs of a full shard and of the remaining samples; they share an arena.
  private let programs: [(samples: Int, executable: any Executable)]
  private let sessions: [any Session]
  private let count: Int
  /// Keeps the weights of a checkpoint in memory.
  private let weights: Arena?

  /// The samples that a program computes at once.
  private static let shardSize = 64

  init(
    _ adversaries: Adversaries, by configuration: RunConfiguration, _ coding: SampleCoding,
    _ vector: ParameterVector, in weights: Arena? = nil, samples count: Int
  ) throws(Failure) {
    self.coding = coding
    self.count = count
    self.weights = weights
    let settings = adversaries.settings
    noiseSource = { NoiseSource(settings, seed: $0) }
    noiseSize = settings.noiseSize
    let sizes = [min(count, Self.shardSize), count % Self.shardSize].filter { $0 > 0 }
    let compiled = try ShardPrograms(sizes: Set(sizes).sorted(by: >)) { (size) throws(Failure) in
      try configuration.engine.prepare(
        adversaries.samplingProgram(samples: size), parameters: vector, isa: configuration.isa)
    }
    programs = compiled.executables
    sessions = try compiled.makeSessions(in: Arena(byteCount: compiled.arenaByteCount))
  }

  /// The generator of a checkpoint, which must be that of an adversarial run.
  package convenience init(
    _ checkpoint: borrowing Checkpoint, samples count: Int
  ) throws(Failure) {
    let path = checkpoint.path
    let configuration = try RunConfiguration(saved: checkpoint.configuration, of: path)
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

  /// Generates the samples of a seed.
  package func samples(seed: UInt64) -> GeneratedSamples {
    let noiseSource = noiseSource(seed)
    let size = coding.shape.reduce(1, *)
    var values: [Float] = []
    values.reserveCapacity(count * size)
    for (_, executable) in programs { executable.packWeights() }
    while values.count < count * size {
      let first = values.count / size
      let samples = min(Self.shardSize, count - first)
      guard let program = programs.firstIndex(where: { $0.samples == samples }) else {
        preconditionFailure("no program was compiled for \(samples) samples")
      }
      let session = sessions[program]
      if let noise = unsafe session.input("noise") {
        unsafe noiseSource.write(
          noise: UnsafeMutableBufferPointer(
            start: noise.assumingMemoryBound(to: Float.self), count: samples * noiseSize),
          from: first, .sampling, step: 0)
      }
      unsafe session.run(RandomPosition(seed: seed, step: 0, firstSample: first), gradient: nil)
      let output = unsafe session.output("samples").assumingMemoryBound(to: Float.self)
      unsafe values += UnsafeBufferPointer(start: output, count: samples * size)
    }
    return GeneratedSamples(values, seenBy: coding)
  }
}
