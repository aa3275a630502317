import Execution
import Graphs
import Kernels
import Networks

/// A training program on all samples of a golden file, run by one worker.
final class ProgramRunner {
  private let weights: Arena
  private let gradient: Arena
  private let vector: ParameterVector
  private let executable: any Executable
  private let session: any Session

  init(_ network: Network, on engine: Engine, _ golden: Golden) throws {
    NumericThread.prepare()
    weights = try Arena(byteCount: 4 * network.parameterCount)
    gradient = try Arena(byteCount: 4 * network.parameterCount)
    let layout = network.parameters.layout
    vector = unsafe ParameterVector(
      start: weights.start.bindMemory(to: Float.self, capacity: layout.count), layout: layout)
    executable = try engine.prepare(
      network.trainingProgram(samples: ParityCase.samples), parameters: vector)
    session = try executable.makeSession(in: Arena(byteCount: executable.arenaByteCount))
    write(golden.input.elements.map { Float($0) }, to: "samples")
    if network.targets.classes != nil {
      write(golden.answers.elements.map { Int32($0) }, to: "labels")
    } else {
      write(golden.answers.elements.map { Float($0) }, to: "targets")
    }
    write([Float(1 / network.counting(golden.answers))], to: "scale")
    write([1 / Float(ParityCase.samples)], to: "share")
  }

  private func write<Element: BitwiseCopyable>(_ values: [Element], to input: String) {
    unsafe session.input(input)?.copy(values)
  }

  /// The loss of each sample, and the gradient of their mean.
  func run(weights: [Float]) -> (losses: [Double], gradient: [Float]) {
    unsafe self.weights.start.copy(weights)
    vector.weightsChanged()
    executable.packWeights()
    let start = unsafe gradient.start.bindMemory(to: Float.self, capacity: weights.count)
    unsafe session.run(RandomPosition(seed: 1, step: 0, firstSample: 0), gradient: start)
    let losses = unsafe UnsafeBufferPointer(
      start: session.output("losses").assumingMemoryBound(to: Float.self),
      count: ParityCase.samples)
    return (
      unsafe losses.map { Double($0) },
      unsafe Array(UnsafeBufferPointer(start: start, count: weights.count))
    )
  }
}

extension UnsafeMutableRawPointer {
  fileprivate func copy<Element: BitwiseCopyable>(_ values: [Element]) {
    unsafe values.withUnsafeBytes { bytes in
      if let start = bytes.baseAddress {
        unsafe copyMemory(from: start, byteCount: bytes.count)
      }
    }
  }
}
