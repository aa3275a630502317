import Execution
import Graphs
import Kernels
import Networks
import TestSupport
import Testing
import Training

/// The whole way from a configuration to trained weights, against PyTorch.
@Suite struct ParityTests {
  @Test(arguments: ParityCase.all)
  func referenceIsPyTorchInDouble(_ net: ParityCase) throws {
    let golden = try Golden(net.name)
    let network = try net.network()
    let evaluator = ReferenceEvaluator(try network.trainingProgram(samples: ParityCase.samples))
    var learner = Learner<Double>(network, try net.configuration().optimizer, from: golden.initial)
    for step in 0...ParityCase.steps {
      let results = try evaluator.evaluate(
        inputs: [
          "samples": golden.input, "labels": golden.answers, "targets": golden.answers,
          "scale": Tensor([1], [1 / Double(ParityCase.samples)]),
        ], parameters: learner.tensors)
      let losses = try #require(results["losses"]?.elements)
      let loss = losses.reduce(0, +) / Double(ParityCase.samples)
      #expect(isClose(loss, golden.losses[step], relative: 1e-8), "step \(step)")
      let gradient = try learner.parameters.map { name, _, _ in
        let gradient = try #require(results["gradient/\(name)"]?.elements)
        let exact = try #require(golden.gradient[name]?.elements)
        if step == 0 {
          let error = relativeError(gradient, of: exact)
          #expect(error < 1e-8, "the gradient of \(name) is off by \(error)")
        }
        return gradient
      }
      if step < ParityCase.steps { learner.update(by: gradient.flatMap { $0 }) }
    }
    for (name, final) in golden.final.sorted(by: { $0.key < $1.key }) {
      let weights = try #require(learner.tensors[name]?.elements)
      let error = relativeError(weights, of: final.elements)
      #expect(error < 1e-8, "\(name) is off by \(error) in the end")
    }
  }

  @Test(arguments: Engine.allCases, ParityCase.all)
  func engineIsAsNearAsPyTorchInSinglePrecision(_ engine: Engine, _ net: ParityCase) throws {
    let golden = try Golden(net.name)
    let network = try net.network()
    var learner = Learner<Float>(network, try net.configuration().optimizer, from: golden.initial)
    let runner = try ProgramRunner(network, on: engine, golden)
    for step in 0...ParityCase.steps {
      let (losses, gradient) = runner.run(weights: learner.weights)
      let loss = losses.reduce(0, +) / Double(ParityCase.samples)
      #expect(isClose(loss, golden.losses[step], relative: 1e-6), "step \(step)")
      if step == 0 {
        for (name, _, range) in learner.parameters {
          let exact = try #require(golden.gradient[name]?.elements)
          let error = relativeError(gradient[range].map { Double($0) }, of: exact)
          #expect(error < 1e-4, "the gradient of \(name) is off by \(error)")
        }
      }
      if step < ParityCase.steps { learner.update(by: gradient) }
    }
    try golden.expectSinglePrecision(of: learner.tensors)
  }
}

extension Golden {
  /// At most four times as far from the truth as PyTorch in float32.
  func expectSinglePrecision(of tensors: [String: Tensor]) throws {
    #expect(Set(tensors.keys) == Set(final.keys))
    for (name, exact) in final.sorted(by: { $0.key < $1.key }) {
      let error = relativeError(try #require(tensors[name]?.elements), of: exact.elements)
      let bound = 4 * (try #require(finalError[name]))
      #expect(error <= bound, "\(name) is off by \(error), more than \(bound)")
    }
  }
}

/// A training program on all samples of a golden file, run by one worker.
private final class ProgramRunner {
  private let network: Network
  private let weights: Arena
  private let gradient: Arena
  private let executable: any Executable
  private let session: any Session

  init(_ network: Network, on engine: Engine, _ golden: Golden) throws {
    NumericThread.prepare()
    self.network = network
    weights = try Arena(byteCount: 4 * network.parameterCount)
    gradient = try Arena(byteCount: 4 * network.parameterCount)
    var offset = 0
    var offsets: [(name: String, offset: Int)] = []
    for parameter in network.parameters {
      offsets.append((parameter.name, offset))
      offset += parameter.count
    }
    let vector = unsafe ParameterVector(
      start: weights.start.bindMemory(to: Float.self, capacity: offset), count: offset,
      offsets: offsets)
    executable = try engine.prepare(
      network.trainingProgram(samples: ParityCase.samples), parameters: vector)
    session = try executable.makeSession(in: Arena(byteCount: executable.arenaByteCount))
    write(golden.input.elements.map { Float($0) }, to: "samples")
    switch network.labels {
    case .classes: write(golden.answers.elements.map { Int32($0) }, to: "labels")
    case .values: write(golden.answers.elements.map { Float($0) }, to: "targets")
    }
    write([1 / Float(ParityCase.samples)], to: "scale")
  }

  private func write<Element: BitwiseCopyable>(_ values: [Element], to input: String) {
    unsafe values.withUnsafeBytes {
      unsafe session.input(input)?.copyMemory(
        from: $0.baseAddress.unsafelyUnwrapped, byteCount: $0.count)
    }
  }

  /// The loss of each sample, and the gradient of their mean.
  func run(weights: [Float]) -> (losses: [Double], gradient: [Float]) {
    unsafe weights.withUnsafeBytes {
      unsafe self.weights.start.copyMemory(
        from: $0.baseAddress.unsafelyUnwrapped, byteCount: $0.count)
    }
    executable.refresh()
    let start = unsafe gradient.start.bindMemory(to: Float.self, capacity: weights.count)
    unsafe session.run(RandomPosition(seed: 1, step: 0, firstSample: 0), gradient: start)
    let losses = unsafe UnsafeBufferPointer(
      start: session.output("losses"), count: ParityCase.samples)
    return (
      unsafe losses.map { Double($0) },
      unsafe Array(UnsafeBufferPointer(start: start, count: weights.count))
    )
  }
}
