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
  private let outputs: [NetworkOutput]

  init(_ network: Network, on engine: Engine, _ golden: Golden) throws {
    NumericThread.prepare()
    outputs = network.outputs
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
    for (name, field) in golden.fields {
      if network.lengthLimits[name] == nil, network.indexLimits[name] == nil {
        write(field.elements.map { Float($0) }, to: name)
      } else {
        write(field.elements.map { Int32($0) }, to: name)
      }
    }
    write([Float(1 / network.counting(golden.answers))], to: "scale")
    write([1 / Float(ParityCase.samples)], to: "share")
  }

  private func write<Element: BitwiseCopyable>(_ values: [Element], to input: String) {
    unsafe session.input(input)?.copy(values)
  }

  /// The sum of the losses of all samples, and the gradient of their mean.
  func run(weights: [Float]) -> (loss: Double, gradient: [Float]) {
    unsafe self.weights.start.copy(weights)
    vector.weightsChanged()
    executable.packWeights()
    let start = unsafe gradient.start.bindMemory(to: Float.self, capacity: weights.count)
    unsafe session.run(RandomPosition(seed: 1, step: 0, firstSample: 0), gradient: start)
    let loss = outputs.reduce(0) { sum, output in
      let losses = unsafe UnsafeBufferPointer(
        start: session.output("losses\(output.suffix)").assumingMemoryBound(to: Float.self),
        count: ParityCase.samples)
      return unsafe sum + output.output.weight * losses.reduce(0) { $0 + Double($1) }
    }
    return (
      loss,
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
