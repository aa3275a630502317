internal import Graphs

/// The derivatives of a program, rule by rule in the order in which they were applied.
struct BackwardPass {
  private(set) var sections: [Explanation.Section] = []
  private let whole: ProgramExplanation
  private let sums: DerivativeSums
  /// The labels of the parts of the derivative by a value that were shown so far.
  private var labels: [Value: [String]] = [:]
  /// The symbols of derivatives by values without a name.
  private var symbols: [Value: Formula] = [:]

  init(_ whole: ProgramExplanation) {
    self.whole = whole
    sums = whole.sums
    let steps = whole.program.provenance.steps
    if let first = steps.first, let loss = whole.naming.names[root(first.result)] {
      let entry = Explanation.Entry(
        loss, .derivative(of: loss), reason: "the loss by itself",
        whole.content(first.gradient, like: first.result))
      sections.append(entry, under: "back from the loss")
    }
    for (number, step) in steps.enumerated() { show(step, number) }
  }

  private mutating func show(_ step: DerivativeStep, _ number: Int) {
    let target = sums.target(step)
    guard let name = whole.naming.names[target] else { return }
    if sums.isExpanded(step) {
      let rule = rule(step)
      let reason = rule.map { "\($0.name), in steps:" }
      append(
        Explanation.Entry(
          name, .derivative(of: name), reason: reason, formula: rule?.formula, .none), step)
      return
    }
    if sums.isWrittenOut(step) {
      symbols[root(step.part)] = rule(step)?.formula
      return
    }
    if sums.isPart(step) { showPart(step, name) }
    guard sums.last[target] == number, let sum = sums.sums[target],
      sums.isPart(step) ? root(sum) != root(step.part) : sums.parts[target] ?? 0 > 1
    else { return }
    symbols[root(sum)] = .derivative(of: name)
    append(
      Explanation.Entry(
        name, .derivative(of: name),
        reason: labels[target]?.allSatisfy { $0.hasPrefix("step") } ?? false
          ? "the sum over the steps" : "the sum of its parts",
        whole.content(root(sum), like: target)), step)
  }

  private mutating func showPart(_ step: DerivativeStep, _ name: String) {
    let (target, part, gradient) = (sums.target(step), root(step.part), root(step.gradient))
    let derivative = Formula.derivative(of: name)
    let symbol =
      sums.parts[target] == 1 ? derivative : .part(label(of: step), of: derivative)
    if symbols[part] == nil { symbols[part] = symbol }
    if case .slice = step.operation {
      if case .concatenate = whole.program[step.part].operation {
        append(
          Explanation.Entry(
            name, symbol, reason: "those of its slices, side by side",
            whole.content(step.part, like: target)), step)
        return
      }
      // The sum shows what several slices of a value receive.
      if sums.parts[target] ?? 0 > 1 { return }
    }
    // The sum rule gives the same to a product and its bias; the product has no entry.
    if part == gradient, whole.naming.isMerged[target] { return }
    let rule = rule(step)
    // A value times the derivative of the loss by itself is a derivative.
    let isShownBefore = part == gradient || whole.naming.isForward[part]
    append(
      Explanation.Entry(
        name, symbol, reason: rule?.name, formula: rule?.formula,
        part == gradient && !whole.selection.singles(out: name)
          ? .none : whole.content(step.part, like: target, isShownBefore: isShownBefore)), step)
  }

  /// The number of a part, or its step in a loop.
  private mutating func label(of step: DerivativeStep) -> String {
    let target = sums.target(step)
    let shown = labels[target, default: []]
    var label = "\(shown.count + 1)"
    let isOfStep = whole.naming.names[target]?.contains { $0.subscriptDigit != nil } ?? false
    var isOfSlices = false
    if case .concatenate = whole.program[step.part].operation { isOfSlices = true }
    if let number = author(step).step, !isOfStep, !isOfSlices {
      let same = shown.count { $0.hasPrefix("step \(number)") }
      label = "step \(number)" + (same > 0 ? ", \(same + 1)" : "")
    }
    labels[target, default: []].append(label)
    return label
  }

  private mutating func append(_ entry: Explanation.Entry, _ step: DerivativeStep) {
    sections.append(entry, under: "back through \(author(step).text)")
  }

  private func author(_ step: DerivativeStep) -> Author { author(step.result) }

  private func author(_ value: Value) -> Author {
    Author(whole.program.provenance.authors[value.index])
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
}
