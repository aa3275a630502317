package import Graphs

/// A training program told for given numbers: what goes in, what the layers make of it, and how the
/// derivatives come back.
package struct ProgramExplanation {
  private let program: Program
  private let values: [Tensor]
  private let naming: Naming
  private let elements: ElementFormulas
  /// The tensor that is told in full, however large it is.
  private let selected: String?

  private static let termLimit = 12

  /// - Parameter selected: a tensor that is told in full.
  package init(
    _ program: Program, inputs: [String: Tensor], parameters: [String: Tensor],
    random: ReferenceEvaluator.Random = { _, _ in [] }, selected: String? = nil
  ) throws(ProgramError) {
    let evaluator = ReferenceEvaluator(program)
    self.program = evaluator.program
    self.selected = selected
    values = try evaluator.values(inputs: inputs, parameters: parameters, random: random)
    let naming = Naming(evaluator.program)
    self.naming = naming
    var isTold = naming.isForward
    for step in evaluator.program.provenance.steps {
      for value in [step.gradient, step.part, step.sum] { isTold[value.index] = true }
    }
    let isWrittenOut = evaluator.program.instructions.enumerated().map { index, instruction in
      switch instruction.operation {
      case .constant: return true
      // The helpers of a rule, but for its yes and no.
      case .select, .compare: return false
      default: return !isTold[index] || naming.isMerged[index] || instruction.operation.isMovement
      }
    }
    elements = ElementFormulas(
      program: evaluator.program, values: values, isWrittenOut: isWrittenOut,
      termLimit: selected == nil ? ProgramExplanation.termLimit : .max)
  }

  /// What the loss is made of last.
  package var loss: Explanation.Content {
    guard let numbers = output("losses")?.elements else { return .none }
    return .told(numbers, shape: []) { .number(numbers[$0]) }
  }

  package func output(_ name: String) -> Tensor? {
    program.output(name).map { values[$0.index] }
  }

  /// The names of all tensors that are told of.
  package var tensors: [String] {
    program.instructions.indices.compactMap { isTold($0) ? naming.names[$0] : nil }
  }

  package var sections: [Explanation.Section] { [given] + forward + derivatives }

  /// Samples, what is to be learnt of them, and the parameters.
  private var given: Explanation.Section {
    let entries = program.instructions.indices.compactMap { index -> Explanation.Entry? in
      guard isLeaf(index), let name = naming.names[index] else { return nil }
      return Explanation.Entry(name, .name(name), content(Value(index), like: Value(index)))
    }
    return Explanation.Section("given", entries)
  }

  // MARK: Forward

  private var forward: [Explanation.Section] {
    var sections: [Explanation.Section] = []
    for index in program.instructions.indices where isTold(index) && !isLeaf(index) {
      guard let name = naming.names[index] else { continue }
      let instruction = program.instructions[index]
      let moves = instruction.operation.isMovement && name != selected
      let reason =
        instruction.operation.isMovement ? "the same numbers in shape \(instruction.type.shape)" : nil
      let entry = Explanation.Entry(
        name, .name(name), reason: reason,
        formula: instruction.operation.formula(instruction.operands.map { symbol($0) }),
        moves ? .none : content(Value(index), like: Value(index)))
      append(entry, to: &sections, under: program.provenance.authors[index])
    }
    return sections
  }

  /// Whether a value of the forward pass has an entry of its own.
  private func isTold(_ index: Int) -> Bool {
    naming.isForward[index] && !naming.isMerged[index] && naming.root(Value(index)).index == index
  }

  private func isLeaf(_ index: Int) -> Bool {
    naming.isForward[index] && program.instructions[index].operands.isEmpty
  }

  /// How a value is written in the formulas of others.
  private func symbol(_ value: Value) -> Formula {
    let value = naming.root(value)
    let instruction = program[value]
    if let name = naming.names[value.index], !naming.isMerged[value.index] { return .name(name) }
    return instruction.operation.formula(instruction.operands.map { symbol($0) })
  }

  // MARK: Derivatives

  private var derivatives: [Explanation.Section] {
    let steps = program.provenance.steps
    var parts: [Int: Int] = [:]
    for step in steps where !isRenaming(step) { parts[target(step).index, default: 0] += 1 }

    var sections: [Explanation.Section] = []
    if let first = steps.first, let loss = naming.names[naming.root(first.result).index] {
      let entry = Explanation.Entry(
        loss, .derivative(of: loss), reason: "the loss by itself",
        content(first.gradient, like: first.result))
      append(entry, to: &sections, under: "back from the loss")
    }
    var symbols: [Int: Formula] = [:]
    var received: [Int: Int] = [:]
    for step in steps {
      let target = target(step)
      guard let name = naming.names[target.index] else { continue }
      let isUnchanged = naming.root(step.part) == naming.root(step.gradient)
      let gradient = symbol(ofGradient: step, symbols)
      var symbol = Formula.derivative(of: name)
      if !isRenaming(step) {
        received[target.index, default: 0] += 1
        if parts[target.index, default: 0] > 1 {
          symbol = .part(received[target.index, default: 0], of: symbol)
        }
        if symbols[naming.root(step.part).index] == nil {
          symbols[naming.root(step.part).index] = symbol
        }
        // The sum rule hands it to a product and to its bias alike; of the product nothing was told.
        if !(isUnchanged && naming.isMerged[target.index]) {
          append(
            entry(of: step, name, symbol, gradient, isUnchanged: isUnchanged), to: &sections,
            under: "back through \(program.provenance.authors[step.result.index])")
        }
      }
      if step.sum != step.part {
        let count = received[target.index, default: 0]
        symbols[naming.root(step.sum).index] = .derivative(of: name)
        append(
          Explanation.Entry(
            name, .derivative(of: name), reason: "the sum of its parts 1 to \(count)",
            content(step.sum, like: target)),
          to: &sections, under: "back through \(program.provenance.authors[step.result.index])")
      }
    }
    return sections
  }

  private func entry(
    of step: DerivativeStep, _ name: String, _ symbol: Formula, _ gradient: Formula,
    isUnchanged: Bool
  ) -> Explanation.Entry {
    let rule = step.operation.derivative(
      of: step.operand, step.operands.map { self.symbol($0) }, y: self.symbol(step.result),
      g: gradient)
    let isTold = isUnchanged && name != selected
    return Explanation.Entry(
      name, symbol, reason: rule?.name, formula: rule?.formula,
      isTold ? .none : content(step.part, like: target(step)))
  }

  /// What receives a part.
  private func target(_ step: DerivativeStep) -> Value {
    naming.root(step.operands[step.operand])
  }

  /// Whether a step leads from a value to the same value in another shape.
  private func isRenaming(_ step: DerivativeStep) -> Bool {
    naming.root(step.result) == target(step)
  }

  private func symbol(ofGradient step: DerivativeStep, _ symbols: [Int: Formula]) -> Formula {
    let result = naming.root(step.result)
    if let name = naming.names[result.index], !naming.isMerged[result.index] {
      return .derivative(of: name)
    }
    return symbols[naming.root(step.gradient).index] ?? .name("g")
  }

  // MARK: Contents

  /// The numbers of a value, numbered as those of a tensor that people know.
  private func content(_ value: Value, like known: Value) -> Explanation.Content {
    let tensor = values[value.index]
    let isSelected = selected != nil && naming.names[known.index] == selected
    return .told(
      tensor.elements, shape: shape(of: known), inFull: isSelected,
      elements.formulas(of: value))
  }

  /// The shape that people think of: of values without the axis of samples, and without axes of 1.
  private func shape(of value: Value) -> Shape {
    let shape = program.type(of: value).shape
    if case .parameter = program[value].operation { return shape }
    return Shape(shape.extents.filter { $0 != 1 })
  }

  private func append(
    _ entry: Explanation.Entry, to sections: inout [Explanation.Section], under title: String
  ) {
    if sections.last?.title != title { sections.append(Explanation.Section(title, [])) }
    sections[sections.count - 1].entries.append(entry)
  }
}
