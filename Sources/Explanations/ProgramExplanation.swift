package import Graphs

/// A training program told for given numbers: what goes in, what the layers make of it, and how the
/// derivatives come back.
package struct ProgramExplanation {
  let program: Program
  private let values: ValueTable<Tensor>
  let naming: Naming
  private let elements: ElementFormulas
  /// The tensor that is told in full, however large it is.
  let selected: String?

  private static let termLimit = 12

  /// Runs the program; the tensor that is selected is told in full.
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
      for value in [step.gradient, step.part, step.sum] { isTold[value] = true }
    }
    var isWrittenOut = ValueTable(evaluator.program.instructions, repeating: false)
    for value in evaluator.program.values {
      let operation = evaluator.program[value].operation
      isWrittenOut[value] =
        switch operation {
        case .constant: true
        case .select: false
        default: !isTold[value] || naming.isMerged[value] || operation.isMovement
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
    program.output(name).map { values[$0] }
  }

  /// The names of all tensors that are told of.
  package var tensors: [String] {
    program.values.compactMap { isTold($0) ? naming.names[$0] : nil }
  }

  package var sections: [Explanation.Section] { [given] + forward + WayBack(self).sections }

  /// Samples, what is to be learnt of them, and the parameters.
  private var given: Explanation.Section {
    let entries = program.values.compactMap { value -> Explanation.Entry? in
      guard isLeaf(value), let name = naming.names[value] else { return nil }
      return Explanation.Entry(name, .name(name), content(value, like: value))
    }
    return Explanation.Section("given", entries)
  }

  // MARK: Forward

  private var forward: [Explanation.Section] {
    var sections: [Explanation.Section] = []
    for value in program.values where isTold(value) && !isLeaf(value) {
      guard let name = naming.names[value] else { continue }
      let instruction = program[value]
      let moves = instruction.operation.isMovement && name != selected
      let reason =
        instruction.operation.isMovement
        ? "the same numbers in shape \(instruction.type.shape)" : nil
      let entry = Explanation.Entry(
        name, .name(name), reason: reason,
        formula: instruction.operation.formula(instruction.operands.map { symbol($0) }),
        moves ? .none : content(value, like: value))
      sections.append(entry, under: program.provenance.authors[value.index])
    }
    return sections
  }

  /// Whether a value of the forward pass has an entry of its own.
  private func isTold(_ value: Value) -> Bool {
    naming.isForward[value] && !naming.isMerged[value] && naming.root(value) == value
  }

  private func isLeaf(_ value: Value) -> Bool {
    naming.isForward[value] && program[value].operands.isEmpty
  }

  /// How a value is written in the formulas of others.
  func symbol(_ value: Value) -> Formula {
    let value = naming.root(value)
    let instruction = program[value]
    if let name = naming.names[value], !naming.isMerged[value] { return .name(name) }
    return instruction.operation.formula(instruction.operands.map { symbol($0) })
  }

  // MARK: Contents

  /// The numbers of a value, numbered as those of a tensor that people know; `isKnown` if what they
  /// are made of was told before.
  func content(
    _ value: Value, like known: Value, isKnown: Bool = false
  ) -> Explanation.Content {
    let tensor = values[value]
    let isSelected = selected != nil && naming.names[known] == selected
    return .told(
      tensor.elements, shape: shape(of: known), inFull: isSelected,
      isKnown ? { .number(tensor.elements[$0]) } : elements.formulas(of: value))
  }

  /// The shape that people think of: of values without the axis of samples, and without axes of 1.
  private func shape(of value: Value) -> Shape {
    let shape = program.type(of: value).shape
    if case .parameter = program[value].operation { return shape }
    return Shape(shape.extents.filter { $0 != 1 })
  }
}

extension [Explanation.Section] {
  /// Adds an entry to the last section, or to a new one if that has another title.
  mutating func append(_ entry: Explanation.Entry, under title: String) {
    if last?.title != title { append(Explanation.Section(title, [])) }
    self[count - 1].entries.append(entry)
  }
}
