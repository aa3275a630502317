internal import Diagnostics
internal import Execution
internal import Graphs

/// The loss of a few samples as a function of the weights, and its gradient, in Double.
struct ReferenceLoss {
  typealias Weights = [String: Tensor]

  /// A place where a program goes one way or the other, so that the loss has a kink.
  ///
  /// The maximum that softmax subtracts is none: it cancels.
  private enum Choice {
    case value(Value)
    case greater(Value, Value)
  }

  private let gradients: ReferenceEvaluator
  /// Without what only gradients need: most evaluations are for differences.
  private let losses: ReferenceEvaluator
  private let choices: [Choice]
  private let inputs: [String: Tensor]
  private let scale: Double
  private let position: RandomPosition

  /// The loss of a training program: its `scale` times the sum of its `losses`.
  ///
  /// All evaluations draw the same random numbers.
  init(
    _ program: Program, inputs: [String: Tensor], scale: Double, random position: RandomPosition
  ) {
    gradients = ReferenceEvaluator(program)
    losses = ReferenceEvaluator(
      Program(program.instructions, outputs: program.outputs.filter { $0.name == "losses" }))
    choices = losses.program.instructions.enumerated().compactMap { index, instruction in
      switch instruction.operation {
      case .compare, .poolArgmax: .value(Value(index))
      case .binary(.maximum): .greater(instruction.operands[0], instruction.operands[1])
      default: nil
      }
    }
    self.inputs = inputs.merging(["scale": Tensor([1], [scale])]) { $1 }
    self.scale = scale
    self.position = position
  }

  /// The gradient by each parameter.
  func gradient(at weights: Weights) throws(Failure) -> [String: [Double]] {
    let outputs = try evaluated { () throws(ProgramError) in
      try gradients.evaluate(inputs: inputs, parameters: weights, random: draw)
    }
    return outputs.mapValues(\.elements)
  }

  /// The loss at two points, nil where a choice differs between them: the loss bends in between.
  func pair(at low: Weights, _ high: Weights) throws(Failure) -> LossPair? {
    let (a, b) = (try values(at: low), try values(at: high))
    guard choices.allSatisfy({ made($0, in: a) == made($0, in: b) }),
      let losses = losses.program.output("losses")
    else { return nil }
    return LossPair(
      low: a[losses.index].elements.map { scale * $0 },
      high: b[losses.index].elements.map { scale * $0 })
  }

  private func values(at weights: Weights) throws(Failure) -> [Tensor] {
    try evaluated { () throws(ProgramError) in
      try losses.values(inputs: inputs, parameters: weights, random: draw)
    }
  }

  private func made(_ choice: Choice, in values: [Tensor]) -> [Double] {
    switch choice {
    case .value(let value): values[value.index].elements
    case .greater(let a, let b):
      zip(values[a.index].elements, values[b.index].elements).map { $0 > $1 ? 1 : 0 }
    }
  }

  private func draw(_ stream: Int, _ shape: Shape) -> [Double] {
    position.uniform(stream: stream, shape).map(Double.init)
  }

  private func evaluated<Result>(
    _ body: () throws(ProgramError) -> Result
  ) throws(Failure) -> Result {
    do throws(ProgramError) {
      return try body()
    } catch {
      throw Failure(.internalError, "the reference evaluator refuses the network: \(error)")
    }
  }
}

/// The losses of all samples at two points.
struct LossPair {
  let low: [Double]
  let high: [Double]

  /// The sum of the samples' differences: smaller numbers are rounded than in that of the sums.
  var difference: Double { zip(high, low).reduce(0) { $0 + ($1.0 - $1.1) } }

  /// What rounding may have done to the difference.
  ///
  /// A loss near zero is what is left of logits of about one, with their errors.
  var rounding: Double {
    zip(high, low).reduce(0) { $0 + (1 + abs($1.0) + abs($1.1)) } * 0x1p-52 * 8
  }
}
