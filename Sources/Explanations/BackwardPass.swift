internal import Graphs

/// The derivatives of a program, rule by rule in the order in which they were applied.
struct BackwardPass {
  private(set) var sections: [Explanation.Section] = []
  private let whole: ProgramExplanation
  /// The number of parts of the derivative by a value, and the number of those shown so far.
  private var parts: [Value: Int] = [:]
  private var received: [Value: Int] = [:]
  /// The symbols of derivatives by values without a name.
  private var symbols: [Value: Formula] = [:]
  /// Composites, by the result of the last step of their expansion.
  private var unfinished: [Value: DerivativeStep] = [:]

  init(_ whole: ProgramExplanation) {
    self.whole = whole
    let steps = whole.program.provenance.steps
    for step in steps where isPart(step) { parts[target(step), default: 0] += 1 }
    if let first = steps.first, let loss = whole.naming.names[root(first.result)] {
      let entry = Explanation.Entry(
        loss, .derivative(of: loss), reason: "the loss by itself",
        whole.content(first.gradient, like: first.result))
      sections.append(entry, under: "back from the loss")
    }
    for step in steps { show(step) }
  }

  private mutating func show(_ step: DerivativeStep) {
    guard let name = whole.naming.names[target(step)] else { return }
    if isExpanded(step) {
      let rule = rule(step)
      let reason = rule.map { "\($0.name), in steps:" }
      append(
        Explanation.Entry(
          name, .derivative(of: name), reason: reason, formula: rule?.formula, .none), step)
      unfinished[step.part] = step
      return
    }
    if isPart(step) { showPart(step, name) }
    if step.sum != step.part { showSum(step, name) }
    if let composite = unfinished.removeValue(forKey: step.sum),
      composite.sum != composite.part
    {
      showSum(composite, name)
    }
  }

  private mutating func showPart(_ step: DerivativeStep, _ name: String) {
    let (target, part, gradient) = (target(step), root(step.part), root(step.gradient))
    received[target, default: 0] += 1
    let derivative = Formula.derivative(of: name)
    let symbol =
      parts[target] == 1
      ? derivative : .part(received[target, default: 0], of: derivative)
    if symbols[part] == nil { symbols[part] = symbol }
    // The sum rule gives the same to a product and its bias; the product has no entry.
    if part == gradient, whole.naming.isMerged[target] { return }
    let rule = rule(step)
    // A value times the derivative of the loss by itself is a derivative.
    let isShownBefore = part == gradient || whole.naming.isForward[part]
    append(
      Explanation.Entry(
        name, symbol, reason: rule?.name, formula: rule?.formula,
        part == gradient && name != whole.selected
          ? .none : whole.content(step.part, like: target, isShownBefore: isShownBefore)), step)
  }

  private mutating func showSum(_ step: DerivativeStep, _ name: String) {
    let target = target(step)
    let count = received[target, default: 0]
    symbols[root(step.sum)] = .derivative(of: name)
    append(
      Explanation.Entry(
        name, .derivative(of: name),
        reason: count == parts[target] ? "the sum of its parts" : "the sum of \(count) parts",
        whole.content(step.sum, like: target)), step)
  }

  private mutating func append(_ entry: Explanation.Entry, _ step: DerivativeStep) {
    let author = whole.program.provenance.authors[step.result.index]
    sections.append(entry, under: "back through \(author)")
  }

  private func rule(_ step: DerivativeStep) -> DerivativeRule? {
    let result = root(step.result)
    let isNamed = whole.naming.names[result] != nil && !whole.naming.isMerged[result]
    let known = isNamed ? nil : symbols[root(step.gradient)]
    return step.operation.derivative(
      of: step.operand, step.operands.map { whole.symbol($0) }, y: whole.symbol(result),
      g: known ?? .derivative(of: whole.naming.names[result] ?? "y"))
  }

  private func root(_ value: Value) -> Value { whole.naming.root(value) }

  /// The operand that receives a part.
  private func target(_ step: DerivativeStep) -> Value { root(step.operands[step.operand]) }

  /// Whether a step adds a part.
  ///
  /// An expanded composite does not, the steps of its expansion do; nor does a reshape.
  private func isPart(_ step: DerivativeStep) -> Bool {
    !isExpanded(step) && root(step.result) != target(step)
  }

  /// Whether the steps of a composite's expansion are shown in place of this step.
  private func isExpanded(_ step: DerivativeStep) -> Bool {
    if case .composite = whole.program[step.part].operation { return false }
    if case .composite = step.operation { return true }
    return false
  }
}
