import Explanations
import Foundation
import Graphs
import TestSupport
import Testing

/// Two steps of a selective scan with one channel and two states.
@Suite struct SelectiveScanExplanationTests {
  private static let names = ["u", "dt", "A_log", "B", "C", "D", "z"]
  private static let inputs: [String: Tensor] = [
    "u": Tensor([1, 2, 1], [1, -0.5]), "dt": Tensor([1, 2, 1], [0.1, -0.3]),
    "A_log": Tensor([1, 2], [0, log(2)]), "B": Tensor([1, 2, 2], [0.5, -0.2, 1, 0.3]),
    "C": Tensor([1, 2, 2], [1, 0.5, 0.2, -1]), "D": Tensor([1], [1]),
    "z": Tensor([1, 2, 1], [0.3, -1]),
  ]

  /// The loss is the sum of the gated outputs.
  private func program(_ form: LoopForm) -> Program {
    var builder = Builder()
    builder.loopForm = form
    let leaves = Self.names.map {
      builder.input($0, TensorType(.float32, Self.inputs[$0]?.shape ?? []))
    }
    let (u, z) = (leaves[0], leaves[6])
    builder.author = "mamba1"
    let delta = builder.emit(.unary(.log1p), builder.emit(.unary(.exp), leaves[1]))
    let rates = builder.emit(
      .unary(.negate), builder.emit(.unary(.exp), builder.emit(.permute([1, 0]), leaves[2])))
    for (name, value) in [("delta", delta), ("A", rates)] { builder.name(value, name) }
    let scanned = builder.selectiveScan(
      [u, delta, rates, leaves[3], leaves[4], builder.constant(0, [1, 2, 1])])[0]
    let skipped = builder.multiply(u, builder.broadcast(leaves[5], over: [1, 2, 1]))
    let y = builder.add(scanned, skipped)
    let gate = builder.multiply(z, builder.emit(.unary(.sigmoid), z))
    let gated = builder.multiply(y, gate)
    for (name, value) in [("y", y), ("gated", gated)] { builder.name(value, name) }
    builder.author = "loss"
    let loss = builder.reshape(builder.sum(gated, axes: [1, 2]), [1])
    let gradients = builder.gradients(of: loss, by: leaves)
    return builder.program(
      outputs: [Output("losses", loss)]
        + zip(Self.names, gradients).map { Output("gradient/\($0)", $1) })
  }

  private func explanation() throws -> Explanation {
    Explanation(
      "test",
      try ProgramExplanation(
        program(LoopForm(isUnrolled: true)), inputs: Self.inputs, parameters: [:]
      ).sections)
  }

  private func expect(
    _ explanation: Explanation, _ symbol: String, _ expected: [Double],
    _ location: SourceLocation = #_sourceLocation
  ) {
    let found = explanation.numbers(of: symbol)
    #expect(found.count == expected.count, "\(symbol): \(found)", sourceLocation: location)
    for (found, expected) in zip(found, expected) {
      #expect(
        isClose(found, expected, relative: 1e-9, absolute: 1e-10), "\(symbol)",
        sourceLocation: location)
    }
  }

  @Test func everyNumberOfTwoSteps() throws {
    let explanation = try explanation()
    let delta = [0.7443966601, 0.5543552445]
    expect(explanation, "mamba1.delta", delta)
    expect(explanation, "mamba1.A", [-1, -2])
    for (step, number) in ["₁", "₂"].enumerated() {
      expect(explanation, "mamba1.delta_A\(number)", [-delta[step], -2 * delta[step]])
      expect(explanation, "mamba1.decay\(number)", [exp(-delta[step]), exp(-2 * delta[step])])
    }
    expect(explanation, "mamba1.h₁", [0.3721983300, -0.1488793320])
    expect(explanation, "mamba1.h₂", [-0.0633710768, -0.1322811147])
    expect(explanation, "mamba1.y", [1.2977586640, -0.3803931007])
    expect(explanation, "mamba1.gated", [0.2236463260, 0.1023034612])
  }

  /// By hand, from the numbers of the way forward.
  @Test func everyDerivativeOfTwoSteps() throws {
    let explanation = try explanation()
    let gates = [0.3 / (1 + exp(-0.3)), -1 / (1 + exp(1))]
    let delta = [0.1, -0.3].map { log1p(exp($0)) }
    let h = [delta[0] * 0.5, delta[0] * -0.2]
    let decay = [exp(-delta[1]), exp(-2 * delta[1])]
    expect(explanation, "∂L/∂mamba1.y", gates)
    let second = [gates[1] * 0.2, gates[1] * -1]
    let first = [gates[0] * 1 + second[0] * decay[0], gates[0] * 0.5 + second[1] * decay[1]]
    expect(explanation, "∂L/∂mamba1.h₂", second)
    expect(explanation, "∂L/∂mamba1.h₁", first)
    expect(explanation, "∂mamba1.h₂/∂mamba1.h₁", [decay[0], 0, 0, decay[1]])
    expect(explanation, "∂L/∂B₁", first.map { $0 * delta[0] })
    expect(explanation, "∂L/∂B₂", second.map { $0 * delta[1] * -0.5 })
    expect(explanation, "∂L/∂C₁", h.map { $0 * gates[0] })
    expect(explanation, "∂L/∂mamba1.delta_x₁", [first[0] * 0.5 + first[1] * -0.2])
    let byDecay = zip(second, h).map { $0 * $1 }
    expect(explanation, "∂L/∂mamba1.decay₂", byDecay)
    let byExponent = zip(byDecay, decay).map { $0 * $1 }
    expect(explanation, "∂L/∂mamba1.delta_A₂", byExponent)
    expect(explanation, "∂L/∂mamba1.A (step 2)", byExponent.map { $0 * delta[1] })
    expect(explanation, "∂L/∂mamba1.A", byExponent.map { $0 * delta[1] })
    expect(explanation, "∂L/∂mamba1.delta₂", [byExponent[0] * -1 + byExponent[1] * -2])
  }

  /// Written step by step it has the gradients of the composite.
  @Test func gradientsAreThoseOfTheComposite() throws {
    let explanation = try explanation()
    let composite = program(LoopForm())
    #expect(
      composite.instructions.contains { $0.operation == .composite(.selectiveScan) })
    let outputs = try ReferenceEvaluator(composite).evaluate(inputs: Self.inputs, parameters: [:])
    for name in Self.names {
      expect(explanation, "∂L/∂\(name)", outputs["gradient/\(name)"]?.elements ?? [])
    }
  }

  @Test func everyLineIsTrue() throws {
    let equations = try explanation().equations
    #expect(equations.count > 80)
    for (left, right) in equations {
      guard let left = left.value, let right = right.value else { continue }
      #expect(isClose(left, right, relative: 1e-12, absolute: 1e-300), "\(left) is not \(right)")
    }
  }

  @Test(arguments: [
    "mamba1, step 2",
    "  mamba1.h₂ = mamba1.decay₂ * mamba1.h₁ + mamba1.delta_x₂ * B₂",
    "  mamba1.Ch₂ = sum(C₂ * mamba1.h₂)",
    "  ∂L/∂C₂ = ∂L/∂mamba1.Ch₂ * mamba1.h₂   (product rule)",
    "  ∂L/∂mamba1.delta_x₂ = sum(∂L/∂mamba1.h₂ * B₂)   (the sum over what was repeated)",
    "  ∂L/∂mamba1.A   (the sum over the steps)",
    "  ∂L/∂D = sum(∂L/∂mamba1.multiply * u)   (the sum over what was repeated)",
  ])
  func formulasAreShown(_ line: String) throws {
    let text = try explanation().text
    #expect(text.contains(line), "\(line) is not in\n\(text.joined(separator: "\n"))")
  }
}
