internal import Diagnostics
internal import Execution
internal import Kernels
internal import Networks
internal import Training

/// Answers for one sample at a time, on the thread that asks; nothing but the answer is allocated.
@safe final class Feeder {
  private let executable: any Executable
  private let session: any Session
  private let samples: UnsafeMutablePointer<Float>?
  private let outputs: UnsafePointer<Float>
  private let width: Int
  /// Whether weights have changed.
  var isStale = true

  init(_ experiment: Experiment, _ state: ModelState, width: Int) throws(Failure) {
    NumericThread.prepare()
    let configuration = experiment.configuration
    executable = try configuration.engine.prepare(
      experiment.network.forwardProgram(samples: 1), parameters: state.vector,
      isa: configuration.isa)
    session = try executable.makeSession(in: Arena(byteCount: executable.arenaByteCount))
    // A network of biases alone does not look at its samples.
    unsafe samples = session.input("samples")?.assumingMemoryBound(to: Float.self)
    unsafe outputs = session.output("outputs").assumingMemoryBound(to: Float.self)
    self.width = width
  }

  /// The answer for a sample, which has as many numbers as the network takes.
  func feed(_ input: [Float]) -> [Float] {
    NumericThread.prepare()
    if isStale {
      executable.refresh(others: true)
      isStale = false
    }
    unsafe input.withUnsafeBufferPointer { input in
      if let samples = unsafe samples, let first = input.baseAddress {
        unsafe samples.update(from: first, count: input.count)
      }
    }
    unsafe session.run(RandomPosition(seed: 0, step: 0, firstSample: 0), gradient: nil)
    return unsafe [Float](unsafeUninitializedCapacity: width) { answer, count in
      unsafe answer.baseAddress?.initialize(from: outputs, count: width)
      count = width
    }
  }
}
