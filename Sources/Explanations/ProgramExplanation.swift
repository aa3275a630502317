package import Graphs

/// A training program with given numbers: the inputs, the forward pass and the derivatives.
package struct ProgramExplanation {
  let program: Program
  private let values: ValueTable<Tensor>
  let naming: Naming
  private let elements: ElementFormulas
  /// What is shown in full; the name of a tensor is that of its entries.
  package let selection: Selection
  /// The names of the last axis of some inputs.
  private let columns: [String: [String]]
  let sums: DerivativeSums
  private let derivatives: [CarryDerivative]

  private static let termLimit = 12
  /// The largest number of elements of a state whose derivatives by the state before are shown.
  private static let stateLimit = 8

  /// Runs the program.
  ///
  /// Softmax with cross entropy is shown as one rule, or with every step of its expansion if
  /// `isFull`.
  package init(
    _ program: Program, inputs: [String: Tensor], parameters: [String: Tensor],
    random: ReferenceEvaluator.Random = { _, _ in [] }, isFull: Bool = false,
    columns: [String: [String]] = [:], selection: Selection = .all
  ) throws(ProgramError) {
    let (program, derivatives) = program.expandedForExplanation(isFull: isFull)
      .withCarryDerivatives(limit: Self.stateLimit)
    self.program = program
    self.derivatives = derivatives
    self.columns = columns
    values = try program.allValues(inputs: inputs, parameters: parameters, random: random)
    let naming = Naming(program)
    self.naming = naming
    if case .tensor(let name) = selection {
      let names = naming.names.elements.compactMap(\.self)
      self.selection = .tensor(
        names.contains(name) ? name : names.first { $0.withPlainDigits == name } ?? name)
    } else {
      self.selection = selection
    }
    sums = DerivativeSums(program, naming)
    var isShown = naming.isForward
    for step in program.provenance.steps {
      for value in [step.gradient, step.part] { isShown[value] = true }
    }
    for sum in sums.sums.values { isShown[sum] = true }
    for step in program.provenance.steps where sums.isWrittenOut(step) {
      isShown[step.part] = false
    }
    var isWrittenOut = ValueTable(program.instructions, repeating: false)
    for value in program.values {
      let operation = program[value].operation
      isWrittenOut[value] =
        switch operation {
        case .constant: true
        case .select: false
        default: !isShown[value] || naming.isMerged[value] || operation.isMovement
        }
    }
    elements = ElementFormulas(
      program: program, values: values, isWrittenOut: isWrittenOut,
      termLimit: selection == .all ? ProgramExplanation.termLimit : .max)
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

  package var sections: [Explanation.Section] {
    [given] + forward + BackwardPass(self).sections
      + ThroughTime(self, derivatives).sections
  }

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
    // A saved result comes first: the first result is made of it.
    let values = program.instructions.indices.flatMap { program.results(of: $0).reversed() }
    for value in values where isShown(value) && !isLeaf(value) {
      guard let name = naming.names[value] else { continue }
      sections.append(
        entry(value, name), under: Author(program.provenance.authors[value.index]).text)
    }
    return sections
  }

  private func entry(_ value: Value, _ name: String) -> Explanation.Entry {
    let instruction = program[value]
    if case .slice = instruction.operation, program.provenance.names[value] != nil {
      return Explanation.Entry(
        name, .name(name), reason: "a part of \(symbol(instruction.operands[0]).text())",
        content(value, like: value))
    }
    guard instruction.operation.isMovement else {
      return Explanation.Entry(
        name, .name(name), formula: formula(value), content(value, like: value))
    }
    return Explanation.Entry(
      name, .name(name), reason: "the same numbers in shape \(instruction.type.shape)",
      formula: formula(value), selection.singles(out: name) ? content(value, like: value) : .none)
  }

  /// Whether a value of the forward pass has an entry.
  private func isShown(_ value: Value) -> Bool {
    naming.isForward[value] && !naming.isMerged[value] && naming.root(value) == value
  }

  private func isLeaf(_ value: Value) -> Bool {
    naming.isForward[value] && program[value].operands.isEmpty
  }

  func numbers(_ value: Value) -> Tensor { values[value] }

  /// The formulas of a value's elements.
  func formulas(_ value: Value) -> (Int) -> Formula { elements.formulas(of: value) }

  /// A value as it is written in the formulas of others.
  func symbol(_ value: Value) -> Formula {
    let value = naming.root(value)
    if let name = naming.names[value], !naming.isMerged[value] { return .name(name) }
    return formula(value)
  }

  private func formula(_ value: Value) -> Formula {
    let operands = program[value].operands.map { symbol($0) }
    // The only second result of a forward pass that has an entry.
    if case .composite = program[value].operation, value.result == 1 {
      return .function("softmax", [operands[0]])
    }
    return program[value].operation.formula(operands)
  }

  // MARK: Contents

  /// The numbers of a value, with the indices of another tensor; without formulas if it
  /// `isShownBefore`.
  func content(
    _ value: Value, like known: Value, isShownBefore: Bool = false
  ) -> Explanation.Content {
    let tensor = values[value]
    let tensorName = naming.names[known] ?? ""
    var names: [String] = []
    if case .input(let name) = program[known].operation { names = columns[name] ?? [] }
    return .shown(
      tensor.elements, shape: shape(of: known), names: names,
      inFull: selection.singles(out: tensorName),
      only: selection.elements(of: tensorName, shape(of: known)),
      isShownBefore ? { .number(tensor.elements[$0]) } : elements.formulas(of: value))
  }

  /// The shape for indices: without axes of extent 1, among which is that of the single sample.
  func shape(of value: Value) -> Shape {
    let shape = program.type(of: value).shape
    if case .parameter = program[value].operation { return shape }
    return Shape(shape.extents.filter { $0 != 1 })
  }
}

extension Program {
  /// The program with composites expanded; softmax with cross entropy only if `isFull`.
  fileprivate func expandedForExplanation(isFull: Bool) -> Program {
    let whole: [Composite] = [.softmaxCrossEntropy, .gradient(of: .softmaxCrossEntropy, from: [0])]
    return rewritten { instruction, operands, builder in
      guard case .composite(let composite) = instruction.operation,
        isFull || !whole.contains(composite)
      else { return builder.emit(instruction, operands: operands) }
      return composite.explained.expand(operands, in: &builder)
    }
  }

  /// The numbers of all values.
  fileprivate func allValues(
    inputs: [String: Tensor], parameters: [String: Tensor], random: ReferenceEvaluator.Random
  ) throws(ProgramError) -> ValueTable<Tensor> {
    let all = Program(instructions, outputs: values.map { Output("\($0)", $0) })
    let numbers = try ReferenceEvaluator(all).evaluate(
      inputs: inputs, parameters: parameters, random: random)
    var table = ValueTable<Tensor>()
    for index in instructions.indices {
      table.append(results(of: index).compactMap { numbers["\($0)"] })
    }
    return table
  }
}

extension [Explanation.Section] {
  /// Adds an entry to the last section, or to a new one if that has another title.
  mutating func append(_ entry: Explanation.Entry, under title: String) {
    if last?.title != title { append(Explanation.Section(title, [])) }
    self[count - 1].entries.append(entry)
  }
}
