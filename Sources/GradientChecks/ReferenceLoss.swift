internal import Diagnostics
internal import Execution
internal import Graphs
internal import Processes
internal import Training

/// The loss of a few samples as a function of the weights, and its gradient, in Double.
struct ReferenceLoss {
  typealias Weights = [String: Tensor]

  private let gradients: ReferenceEvaluator
  /// Computes only the losses: most evaluations are for differences.
  private let losses: ReferenceEvaluator
  /// Computes gradients with the engine's own steps.
  private let steps: ReferenceEvaluator
  private let choices: ProgramChoices
  private let choicesOfSteps: ProgramChoices
  private let inputs: [String: Tensor]
  let scale: BatchScale
  private let position: RandomPosition

  /// The loss of a training program: its `scale` times the sum of its `losses`.
  ///
  /// All evaluations use the same random numbers. Loops are written out for the losses, so that
  /// the comparisons of every step are values; throws if these are more than the memory.
  init(
    _ program: Program, inputs: [String: Tensor], scale: BatchScale, random position: RandomPosition
  ) throws(Failure) {
    if program.hasLoop, let losses = program.output("losses") {
      try MemoryLimits.require(
        MemoryLayout<Double>.stride * program.instructions[...losses.index].numbers,
        for: "the values of all steps, of which '--steps' takes fewer")
    }
    gradients = ReferenceEvaluator(program)
    let unrolled = program.hasLoop ? program.unrolled() : program
    losses = ReferenceEvaluator(
      Program(unrolled.instructions, outputs: unrolled.outputs.filter { $0.name == "losses" }))
    steps = ReferenceEvaluator(unrolled, asKernels: true)
    choices = ProgramChoices(losses.program)
    choicesOfSteps = ProgramChoices(steps.program)
    self.inputs = inputs.merging(scale.tensors) { $1 }
    self.scale = scale
    self.position = position
  }

  /// The gradient of each parameter.
  func gradient(at weights: Weights) throws(Failure) -> [String: [Double]] {
    let outputs = try evaluated { () throws(ProgramError) in
      try gradients.evaluate(inputs: inputs, parameters: weights, random: draw)
    }
    return outputs.mapValues(\.elements)
  }

  /// All values of the loss's program at a point.
  func values(at weights: Weights) throws(Failure) -> ValueTable<Tensor> {
    try evaluated { () throws(ProgramError) in
      try losses.values(inputs: inputs, parameters: weights, random: draw)
    }
  }

  /// The values with another tensor for one parameter; only what depends on it is computed again.
  func values(
    _ values: ValueTable<Tensor>, _ parameter: String, _ tensor: Tensor
  ) throws(Failure) -> ValueTable<Tensor> {
    try evaluated { () throws(ProgramError) in
      try losses.values(values, changing: [parameter: tensor])
    }
  }

  /// The losses at two points; nil if a comparison differs, for then there is a kink in between.
  func pair(_ low: ValueTable<Tensor>, _ high: ValueTable<Tensor>) -> LossPair? {
    guard choices.areEqual(low, high), let losses = losses.program.output("losses")
    else { return nil }
    let factor = 1 / scale.targets
    return LossPair(
      low: low[losses].elements.map { factor * $0 },
      high: high[losses].elements.map { factor * $0 })
  }

  /// All values of the engine's own steps to the gradients, rounded if `rounding` is given.
  func steps(
    at weights: Weights, rounding: ReferenceEvaluator.Rounding? = nil
  ) throws(Failure) -> ValueTable<Tensor> {
    try evaluated { () throws(ProgramError) in
      try steps.values(
        inputs: inputs, parameters: weights, random: draw, rounding: rounding)
    }
  }

  /// An output of the engine's steps.
  func output(_ name: String, in values: ValueTable<Tensor>) -> [Double] {
    steps.program.output(name).map { values[$0].elements } ?? []
  }

  /// Whether all comparisons of the engine's steps have the same outcome.
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

extension Sequence<Instruction> {
  /// The numbers of all results, those of the steps of loops included.
  fileprivate var numbers: Int {
    reduce(0) { sum, instruction in
      guard case .scan(let scan) = instruction.operation else {
        return sum + instruction.types.reduce(0) { $0 + $1.count }
      }
      return sum + scan.steps * scan.body.instructions[scan.leaves.count...].numbers
    }
  }
}
