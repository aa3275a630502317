extension Builder {
  /// Writes the gradients of a value with respect to others, by walking its instructions backwards.
  ///
  /// - Parameters:
  ///   - value: what to differentiate.
  ///   - seed: the gradient of `value` itself; ones when it is not given.
  ///   - sources: what to differentiate by, each with the others held. Nothing before them is
  ///     visited.
  /// - Returns: one gradient for each source, zeros where the value does not depend on it.
  package mutating func gradients(
    of value: Value, seed: Value? = nil, by sources: [Value]
  ) -> [Value] {
    let depends = dependents(of: sources, upTo: value)
    var gradients = [Value?](repeating: nil, count: value.index + 1)
    gradients[value.index] = seed ?? constant(1, type(of: value))
    let writer = author
    defer { author = writer }
    for index in stride(from: value.index, through: 0, by: -1) where depends[index] {
      guard let gradient = gradients[index], !sources.contains(Value(index)) else { continue }
      let instruction = instructions[index]
      guard instruction.operands.contains(where: { depends[$0.index] }) else { continue }
      author = provenance.authors[index]
      let parts = self.gradients(of: Value(index), from: gradient)
      for (place, (operand, part)) in zip(instruction.operands, parts).enumerated() {
        guard let part, depends[operand.index] else { continue }
        let sum = gradients[operand.index].map { add($0, part) } ?? part
        gradients[operand.index] = sum
        provenance.steps.append(
          DerivativeStep(
            operation: instruction.operation, operands: instruction.operands, result: Value(index),
            gradient: gradient, operand: place, part: part, sum: sum))
      }
    }
    return sources.map { source in
      let gradient = source.index <= value.index ? gradients[source.index] : nil
      return gradient ?? constant(0, type(of: source))
    }
  }

  /// Which instructions up to `value` depend on one of the sources.
  private func dependents(of sources: [Value], upTo value: Value) -> [Bool] {
    var depends = [Bool](repeating: false, count: value.index + 1)
    for source in sources where source.index <= value.index { depends[source.index] = true }
    for index in depends.indices where !depends[index] {
      depends[index] = instructions[index].operands.contains { depends[$0.index] }
    }
    return depends
  }
}
