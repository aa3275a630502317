package import Graphs

/// A training program with given numbers: the inputs, the forward pass and the derivatives.
package struct ProgramExplanation {
  let program: Program
  private let values: ValueTable<Tensor>
  let naming: Naming
  private let elements: ElementFormulas
  /// The name of the tensor that is shown in full, whatever its size.
  let selected: String?

  private static let termLimit = 12

  /// Runs the program.
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
    var isShown = naming.isForward
    for step in evaluator.program.provenance.steps {
      for value in [step.gradient, step.part, step.sum] { isShown[value] = true }
    }
    var isWrittenOut = ValueTable(evaluator.program.instructions, repeating: false)
    for value in evaluator.program.values {
      let operation = evaluator.program[value].operation
      isWrittenOut[value] =
        switch operation {
        case .constant: true
        case .select: false
        default: !isShown[value] || naming.isMerged[value] || operation.isMovement
        }
    }
    elements = ElementFormulas(
      program: evaluator.program, values: values, isWrittenOut: isWrittenOut,
      termLimit: selected == nil ? ProgramExplanation.termLimit : .max)
  }

  /// The loss of each sample.
  package var loss: Explanation.Content {
    guard let numbers = output("losses")?.elements else { return .none }
    return .shown(numbers, shape: []) { .number(numbers[$0]) }
  }

  package func output(_ name: String) -> Tensor? {
    program.output(name).map { values[$0] }
  }

  /// The names of all tensors with an entry.
  package var tensors: [String] {
    program.values.compactMap { isShown($0) ? naming.names[$0] : nil }
  }

  package var sections: [Explanation.Section] { [given] + forward + BackwardPass(self).sections }

  /// The inputs and the parameters.
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
    for value in program.values where isShown(value) && !isLeaf(value) {
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

  /// Whether a value of the forward pass has an entry.
  private func isShown(_ value: Value) -> Bool {
    naming.isForward[value] && !naming.isMerged[value] && naming.root(value) == value
  }

  private func isLeaf(_ value: Value) -> Bool {
    naming.isForward[value] && program[value].operands.isEmpty
  }

  /// A value as it is written in the formulas of others.
  func symbol(_ value: Value) -> Formula {
    let value = naming.root(value)
    let instruction = program[value]
    if let name = naming.names[value], !naming.isMerged[value] { return .name(name) }
    return instruction.operation.formula(instruction.operands.map { symbol($0) })
  }

  // MARK: Contents

  /// The numbers of a value, with the indices of another tensor; without formulas if it
  /// `isShownBefore`.
  func content(
    _ value: Value, like known: Value, isShownBefore: Bool = false
  ) -> Explanation.Content {
    let tensor = values[value]
    let isSelected = selected != nil && naming.names[known] == selected
    return .shown(
      tensor.elements, shape: shape(of: known), inFull: isSelected,
      isShownBefore ? { .number(tensor.elements[$0]) } : elements.formulas(of: value))
  }

  /// The shape for indices: without axes of extent 1, among which is that of the single sample.
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
