internal import Graphs

/// How the derivative by each value of a program adds up.
struct DerivativeSums {
  /// The number of parts of the derivative by a value.
  private(set) var parts: [Value: Int] = [:]
  /// The whole derivative, and the number of the step that completes it.
  private(set) var sums: [Value: Value] = [:]
  private(set) var last: [Value: Int] = [:]
  private let program: Program
  private let naming: Naming

  init(_ program: Program, _ naming: Naming) {
    self.program = program
    self.naming = naming
    // Composites, by the result of the last step of their expansion.
    var unfinished: [Value: DerivativeStep] = [:]
    for (number, step) in program.provenance.steps.enumerated() {
      if isExpanded(step) {
        unfinished[step.part] = step
        continue
      }
      let target = target(step)
      if isPart(step) { parts[target, default: 0] += 1 }
      sums[target] = unfinished.removeValue(forKey: step.sum)?.sum ?? step.sum
      last[target] = number
    }
  }

  /// The operand that receives a part.
  func target(_ step: DerivativeStep) -> Value { naming.root(step.operands[step.operand]) }

  /// Whether a step adds a part.
  ///
  /// An expanded composite does not, the steps of its expansion do; nor does a reshape.
  func isPart(_ step: DerivativeStep) -> Bool {
    !isExpanded(step) && naming.root(step.result) != target(step)
  }

  /// Whether a step's part has no entry but is written out where it is used: the derivative by what
  /// a broadcast repeats, or by a product that is shown in its sum.
  func isWrittenOut(_ step: DerivativeStep) -> Bool {
    let target = target(step)
    guard isPart(step), parts[target] == 1, naming.root(step.part) != naming.root(step.gradient)
    else { return false }
    if case .broadcast = program[target].operation { return true }
    if case .reduce(.sum, _) = step.operation { return naming.isMerged[target] }
    return false
  }

  /// Whether the steps of a composite's expansion are shown in place of this step.
  func isExpanded(_ step: DerivativeStep) -> Bool {
    if case .composite = program[step.part].operation { return false }
    if case .composite = step.operation { return true }
    return false
  }
}
