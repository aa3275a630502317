internal import Diagnostics
internal import Execution
internal import Graphs
internal import Networks
internal import Training

/// Computes the output of a network, or of all its layers, for one sample on the calling thread;
/// only the answer is allocated.
@safe final class Feeder {
  private let executable: any Executable
  private let session: any Session
  private let samples: UnsafeMutablePointer<Float>?
  private let outputs: [(start: UnsafePointer<Float>, count: Int)]

  init(
    _ experiment: Experiment, _ state: ModelState, width: Int, ofAllLayers: Bool = false
  ) throws(Failure) {
    let (configuration, network) = (experiment.configuration, experiment.network)
    executable = try configuration.engine.prepare(
      network.forwardProgram(samples: 1, ofAllLayers: ofAllLayers), parameters: state.vector,
      isa: configuration.isa)
    session = try executable.makeSession(in: Arena(byteCount: executable.arenaByteCount))
    // A network of biases alone does not read its samples.
    unsafe samples = session.input("samples")?.assumingMemoryBound(to: Float.self)
    let names =
      ofAllLayers
      ? network.layers.map { ("layer/\($0.name)", $0.output.count) } : [("outputs", width)]
    let session = session
    unsafe outputs = names.map { name, count in
      unsafe (session.output(name).assumingMemoryBound(to: Float.self), count)
    }
  }

  /// The output for a sample of the network's size.
  func feed(_ input: [Float]) -> [Float] {
    run(input)
    return unsafe answer(outputs.count - 1)
  }

  /// The output of each layer for a sample.
  func feedAll(_ input: [Float]) -> [[Float]] {
    run(input)
    return unsafe outputs.indices.map { answer($0) }
  }

  private func run(_ input: [Float]) {
    executable.packWeights()
    unsafe input.withUnsafeBufferPointer { input in
      if let samples = unsafe samples, let first = input.baseAddress {
        unsafe samples.update(from: first, count: input.count)
      }
    }
    unsafe session.run(RandomPosition(seed: 0, step: 0, firstSample: 0), gradient: nil)
  }

  private func answer(_ number: Int) -> [Float] {
    let (start, width) = unsafe outputs[number]
    return unsafe [Float](unsafeUninitializedCapacity: width) { answer, count in
      unsafe answer.baseAddress?.initialize(from: start, count: width)
      count = width
    }
  }
}
