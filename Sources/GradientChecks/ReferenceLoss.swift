internal import Diagnostics
internal import Execution
internal import Graphs
internal import Training

/// The loss of a few samples as a function of the weights, and its gradient, in Double.
struct ReferenceLoss {
  typealias Weights = [String: Tensor]

  private let gradients: ReferenceEvaluator
  /// Without what only gradients need: most evaluations are for differences.
  private let losses: ReferenceEvaluator
  /// Computes gradients in the steps of the engine.
  private let steps: ReferenceEvaluator
  private let choices: ProgramChoices
  private let choicesOfSteps: ProgramChoices
  private let inputs: [String: Tensor]
  let scale: BatchScale
  private let position: RandomPosition

  /// The loss of a training program: its `scale` times the sum of its `losses`.
  ///
  /// All evaluations draw the same random numbers.
  init(
    _ program: Program, inputs: [String: Tensor], scale: BatchScale, random position: RandomPosition
  ) {
    gradients = ReferenceEvaluator(program)
    losses = ReferenceEvaluator(
      Program(program.instructions, outputs: program.outputs.filter { $0.name == "losses" }))
    steps = ReferenceEvaluator(program, asKernels: true)
    choices = ProgramChoices(losses.program)
    choicesOfSteps = ProgramChoices(steps.program)
    self.inputs = inputs.merging(scale.tensors) { $1 }
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
  func values(at weights: Weights) throws(Failure) -> ValueTable<Tensor> {
    try evaluated { () throws(ProgramError) in
      try losses.values(inputs: inputs, parameters: weights, random: draw)
    }
  }

  /// The same with other values of one parameter.
  func values(
    _ values: ValueTable<Tensor>, _ parameter: String, _ tensor: Tensor
  ) throws(Failure) -> ValueTable<Tensor> {
    try evaluated { () throws(ProgramError) in
      try losses.values(values, changing: [parameter: tensor])
    }
  }

  /// The loss at two points, nil where a choice differs between them: the loss bends in between.
  func pair(_ low: ValueTable<Tensor>, _ high: ValueTable<Tensor>) -> LossPair? {
    guard choices.areEqual(low, high), let losses = losses.program.output("losses")
    else { return nil }
    let factor = 1 / scale.targets
    return LossPair(
      low: low[losses].elements.map { factor * $0 },
      high: high[losses].elements.map { factor * $0 })
  }

  /// All that the engine computes on the way to the gradients, with its rounding if there is one.
  func steps(
    at weights: Weights, rounding: ReferenceEvaluator.Rounding? = nil
  ) throws(Failure) -> ValueTable<Tensor> {
    try evaluated { () throws(ProgramError) in
      try steps.values(
        inputs: inputs, parameters: weights, random: draw, rounding: rounding)
    }
  }

  /// An output among the engine's steps.
  func output(_ name: String, in values: ValueTable<Tensor>) -> [Double] {
    steps.program.output(name).map { values[$0].elements } ?? []
  }

  /// Whether the engine's steps make the same choices twice.
  func choicesAreEqual(_ a: ValueTable<Tensor>, _ b: ValueTable<Tensor>) -> Bool {
    choicesOfSteps.areEqual(a, b)
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
