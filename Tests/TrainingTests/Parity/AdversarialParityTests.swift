import Configuration
import Execution
import Graphs
import Kernels
import Networks
import Optimizers
import TestSupport
import Testing
import Training

/// Ten cycles of WGAN-GP, two steps of the critic and one of the generator each, against PyTorch.
@Suite struct AdversarialParityTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let sample: Shape
    let generator: String
    let critic: String

    var testDescription: String { name }

    static let dense = Case(
      name: "wgan_gp", sample: [12], generator: "[{dense: 16}, relu, {dense: 12}, tanh]",
      critic: "[{dense: 20}, {leaky_relu: 0.2}, {dense: 16}, tanh, {dense: 1}]")

    static let conv = Case(
      name: "wgan_gp_conv", sample: [8, 8, 3],
      generator: """
        [{dense: 32}, relu, {reshape: [4, 4, 2]},
         {conv_transpose: {filters: 3, kernel: 4, stride: 2, padding: 1}}, tanh]
        """,
      critic: """
        [{conv: {filters: 6, stride: 2, padding: 1}}, {leaky_relu: 0.2}, {conv: 8}, layernorm,
         {leaky_relu: 0.2}, {maxpool: 2}, flatten, {dense: 1}]
        """)

    static let lstm = recurrent("lstm")
    static let gru = recurrent("gru")

    private static func recurrent(_ kind: String) -> Case {
      Case(
        name: "recurrent/wgan_gp_\(kind)", sample: [7, 3],
        generator: "[{dense: 21}, tanh, {reshape: [7, 3]}]",
        critic: "[{\(kind): {units: 4, output: last}}, {dense: 1}]")
    }

    func configuration() throws -> RunConfiguration {
      try RunConfiguration(
        text: """
          name: \(name.split(separator: "/").last ?? "")
          data: {dataset: digits, batch: 16}
          generator: \(generator)
          critic: \(critic)
          adversarial: {loss: wasserstein_gp, critic_steps: 2, noise: 6}
          optimizer: {adam: {learning_rate: 0.001, beta1: 0.5, beta2: 0.9}}
          """, source: "\(name).yaml")
    }
  }

  static let samples = 16

  /// The networks of a case with weights of one number type, and how they are learnt.
  private struct Game<Scalar: BinaryFloatingPoint> {
    let programs: [Program]
    var learners: [Learner<Scalar>]

    init(_ net: Case, _ golden: Golden) throws {
      let configuration = try net.configuration()
      let networks = try Adversaries(configuration.settings, sample: net.sample)
      programs = [
        try networks.criticProgram(samples: samples),
        try networks.generatorProgram(samples: samples),
      ]
      learners = zip([networks.critic, networks.generator], configuration.optimizers).map {
        Learner($0, $1, from: golden.initial)
      }
    }

    /// The network whose turn a step is.
    static func turn(_ step: Int) -> Int { step % 3 < 2 ? 0 : 1 }

    /// The weights of both, by name.
    var tensors: [String: Tensor] {
      learners[0].tensors.merging(learners[1].tensors) { $1 }
    }
  }

  /// What a step is given, of `golden`.
  private static func inputs(_ golden: AdversarialGolden, step: Int) -> [String: Tensor] {
    [
      "samples": golden.run.input, "noise": golden.noise(step), "mixture": golden.mixture(step),
      "scale": Tensor([1], [1 / Double(samples)]),
    ]
  }

  @Test(arguments: [Case.dense, .conv, .lstm, .gru]) func referenceIsPyTorchInDouble(_ net: Case)
    throws
  {
    let golden = try AdversarialGolden(net.name)
    var game = try Game<Double>(net, golden.run)
    let evaluators = game.programs.map { ReferenceEvaluator($0) }
    for step in golden.run.losses.indices {
      let turn = Game<Double>.turn(step)
      let outputs = try evaluators[turn].evaluate(
        inputs: Self.inputs(golden, step: step), parameters: game.tensors)
      let loss = try #require(outputs["losses"]).elements.reduce(0, +) / Double(Self.samples)
      golden.expect(loss, step: step, error: 1e-9)
      var gradient: [Double] = []
      for (name, _, _) in game.learners[turn].parameters {
        let part = try #require(outputs["gradient/\(name)"]).elements
        if step == 0 || step == 2 {
          golden.expect(part, golden.run.gradient[name], "the gradient of \(name)", error: 1e-8)
        }
        gradient += part
      }
      game.learners[turn].update(by: gradient)
    }
    for (name, tensor) in game.tensors {
      golden.expect(tensor.elements, golden.run.final[name], name, error: 1e-8)
    }
  }

  @Test(arguments: Engine.allCases, [Case.dense, .conv, .lstm, .gru])
  func enginesAreAsNearAsPyTorchInSinglePrecision(_ engine: Engine, _ net: Case) throws {
    NumericThread.prepare()
    let golden = try AdversarialGolden(net.name)
    var game = try Game<Float>(net, golden.run)
    // Both networks in one vector, as in a run: each program's gradients are those of its own.
    let sizes = game.learners.map(\.weights.count)
    let memory = try Arena(byteCount: 4 * sizes.reduce(0, +))
    let gradients = try Arena(byteCount: 4 * sizes.reduce(0, +))
    let start = unsafe memory.start.bindMemory(to: Float.self, capacity: sizes.reduce(0, +))
    let starts = [0, sizes[0]]
    let layout = TensorLayout(
      packing: game.learners.flatMap { $0.parameters.map { ($0.name, $0.shape.extents) } })
    let packed = PackedWeights()
    let vectors = [0, 1].map { number in
      unsafe ParameterVector(
        start: start, layout: layout, own: starts[number]..<starts[number] + sizes[number],
        packed: packed)
    }
    let executables = try [0, 1].map { number in
      try engine.prepare(game.programs[number], parameters: vectors[number])
    }
    let sessions = try executables.map {
      try $0.makeSession(in: Arena(byteCount: $0.arenaByteCount))
    }
    for step in golden.run.losses.indices {
      let turn = Game<Float>.turn(step)
      for (learner, first) in zip(game.learners, starts) {
        for (i, weight) in learner.weights.enumerated() { unsafe start[first + i] = weight }
      }
      for (name, tensor) in Self.inputs(golden, step: step) {
        guard let input = unsafe sessions[turn].input(name) else { continue }
        let floats = unsafe input.assumingMemoryBound(to: Float.self)
        for (i, element) in tensor.elements.enumerated() { unsafe floats[i] = Float(element) }
      }
      for vector in vectors { vector.weightsChanged() }
      executables[turn].packWeights()
      let gradient = unsafe gradients.start.bindMemory(to: Float.self, capacity: sizes[turn])
      unsafe sessions[turn].run(
        RandomPosition(seed: 1, step: step, firstSample: 0), gradient: gradient)
      let losses = unsafe sessions[turn].output("losses").assumingMemoryBound(to: Float.self)
      let loss = (0..<Self.samples).reduce(0.0) { unsafe $0 + Double(losses[$1]) }
      golden.expect(
        loss / Double(Self.samples), step: step,
        error: step == 0 ? 1e-6 : max(1e-6, 4 * golden.run.lossError))
      let numbers = (0..<sizes[turn]).map { unsafe gradient[$0] }
      for (name, _, range) in game.learners[turn].parameters where step == 0 || step == 2 {
        golden.expect(
          numbers[range].map { Double($0) }, golden.run.gradient[name], "the gradient of \(name)",
          error: 1e-4)
      }
      game.learners[turn].update(by: numbers)
    }
    for (name, tensor) in game.tensors {
      let error = try #require(golden.run.finalError[name])
      golden.expect(tensor.elements, golden.run.final[name], name, error: 4 * error)
    }
  }
}

/// A golden of two networks, with what was drawn for each step.
private struct AdversarialGolden {
  let run: Golden
  private let allNoise: Tensor
  private let allMixtures: Tensor

  init(_ name: String) throws {
    run = try Golden(name)
    allNoise = try Golden.tensor("noise", of: name)
    allMixtures = try Golden.tensor("mixture", of: name)
  }

  func noise(_ step: Int) -> Tensor { row(step, of: allNoise) }
  func mixture(_ step: Int) -> Tensor { row(step, of: allMixtures) }

  private func row(_ step: Int, of tensor: Tensor) -> Tensor {
    let shape = Shape(Array(tensor.shape.extents.dropFirst()))
    return Tensor(
      shape, Array(tensor.elements[step * shape.count..<(step + 1) * shape.count]))
  }

  /// A loss may be near zero, so errors are in parts of the greatest of all.
  func expect(_ loss: Double, step: Int, error: Double) {
    let scale = run.losses.map { abs($0) }.max() ?? 0
    #expect(
      abs(loss - run.losses[step]) <= error * scale, "step \(step): \(loss), \(run.losses[step])")
  }

  func expect(_ values: [Double], _ exact: Tensor?, _ what: String, error: Double) {
    let exact = exact?.elements ?? []
    #expect(values.count == exact.count, "\(what)")
    func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    let difference = norm(zip(values, exact).map(-))
    // What cancels exactly is exactly zero.
    #expect(difference <= error * norm(exact), "\(what) is off by \(difference / norm(exact))")
  }
}
