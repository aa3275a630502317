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

  /// All that leads to the loss at a point, from which it is found at others near by.
  func values(at weights: Weights) throws(Failure) -> [Tensor] {
    try evaluated { () throws(ProgramError) in
      try losses.values(inputs: inputs, parameters: weights, random: draw)
    }
  }

  /// The same with other values of one parameter.
  func values(_ values: [Tensor], _ parameter: String, _ tensor: Tensor) throws(Failure) -> [Tensor]
  {
    try evaluated { () throws(ProgramError) in
      try losses.values(values, changing: [parameter: tensor])
    }
  }

  /// The loss at two points, nil where a choice differs between them: the loss bends in between.
  func pair(_ low: [Tensor], _ high: [Tensor]) -> LossPair? {
    guard choices.allSatisfy({ isSame($0, low, high) }),
      let losses = losses.program.output("losses")
    else { return nil }
    return LossPair(
      low: low[losses.index].elements.map { scale * $0 },
      high: high[losses.index].elements.map { scale * $0 })
  }

  private func isSame(_ choice: Choice, _ low: [Tensor], _ high: [Tensor]) -> Bool {
    switch choice {
    case .value(let value):
      return low[value.index] == high[value.index]
    case .greater(let a, let b):
      let (a, b) = ((low[a.index], high[a.index]), (low[b.index], high[b.index]))
      return a.0.elements.indices.allSatisfy {
        (a.0.elements[$0] > b.0.elements[$0]) == (a.1.elements[$0] > b.1.elements[$0])
      }
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
