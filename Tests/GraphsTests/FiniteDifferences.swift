import Graphs
import TestSupport
import Testing

/// A scalar function of tensors.
struct Loss {
  let evaluator: ReferenceEvaluator
  var inputs: [String: Tensor]

  init(_ program: Program, inputs: [String: Tensor]) {
    evaluator = ReferenceEvaluator(program)
    self.inputs = inputs
  }

  /// The output "loss" where one input is moved along a direction.
  private func value(moving name: String, along direction: [Double], by step: Double) throws
    -> Double
  {
    var moved = inputs
    for (index, d) in direction.enumerated() { moved[name]?.elements[index] += step * d }
    return try #require(try evaluator.evaluate(inputs: moved)["loss"]).elements[0]
  }

  /// The derivative along a direction, from central differences of fourth order.
  private func slope(
    of name: String, along direction: [Double], step: Double
  ) throws -> Double {
    let near =
      try value(moving: name, along: direction, by: step)
      - value(moving: name, along: direction, by: -step)
    let far =
      try value(moving: name, along: direction, by: 2 * step)
      - value(moving: name, along: direction, by: -2 * step)
    return (8 * near - far) / (12 * step)
  }

  /// Expects that the output "d <name>" is the gradient of "loss" by the input of that name.
  ///
  /// Probes two random directions and some axes; a kink must be further away than the steps.
  func expectGradient(
    of name: String, step: Double = 1e-3, relative: Double = 1e-7, _ comment: Comment
  ) throws {
    let gradient = try #require(try evaluator.evaluate(inputs: inputs)["d \(name)"])
    let count = gradient.elements.count
    var generator = XorShift(seed: 17)
    var directions = (0..<2).map { _ in
      (0..<count).map { _ in Double(generator.integer(in: 0...1) * 2 - 1) }
    }
    for _ in 0..<min(count, 6) {
      let axis = generator.integer(in: 0...count - 1)
      directions.append((0..<count).map { $0 == axis ? 1 : 0 })
    }
    for direction in directions {
      let exact = zip(direction, gradient.elements).reduce(0) { $0 + $1.0 * $1.1 }
      let measured = try slope(of: name, along: direction, step: step)
      #expect(isClose(exact, measured, relative: relative, absolute: 1e-8), comment)
    }
  }
}

extension Builder {
  /// The program whose outputs are a loss and its gradient by each input, checked.
  mutating func gradientProgram(_ loss: Value, by names: [(String, Value)]) throws -> Program {
    let gradients = gradients(of: loss, by: names.map(\.1))
    let outputs = zip(names, gradients).map { Output("d \($0.0)", $1) }
    let program = program(outputs: [Output("loss", loss)] + outputs)
    try program.check()
    try program.expanded().check()
    return program
  }
}
