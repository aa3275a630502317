extension Builder {
  /// Writes the gradients of a value with respect to others, by walking its instructions backwards.
  ///
  /// - Parameters:
  ///   - value: the value to differentiate.
  ///   - seed: the gradient of `value` itself; ones if it is left out.
  ///   - sources: the values to differentiate by, each with the others held constant.
  /// - Returns: one gradient for each source; zeros if the value does not depend on it.
  package mutating func gradients(
    of value: Value, seed: Value? = nil, by sources: [Value]
  ) -> [Value] {
    let seed = seed ?? constant(1, type(of: value))
    return zip(sources, gradients(of: [(value, seed)], by: sources)).map { source, gradient in
      gradient ?? constant(0, type(of: source))
    }
  }

  /// The same for several values at once; nil for a source that none of them depends on.
  mutating func gradients(
    of seeds: [(value: Value, gradient: Value)], by sources: [Value]
  ) -> [Value?] {
    let last = seeds.reduce(-1) { max($0, $1.value.index) }
    let isSource = Set(sources)
    let depends = dependents(of: isSource, upTo: last)
    var gradients = ValueTable<Value?>(instructions[...last], repeating: nil)
    for (value, seed) in seeds { gradients[value] = gradients[value].map { add($0, seed) } ?? seed }
    let writer = author
    defer { author = writer }
    for index in stride(from: last, through: 0, by: -1) {
      let instruction = instructions[index]
      guard instruction.operands.contains(where: { depends[$0] }) else { continue }
      let results = instruction.types.indices.map { Value(index, result: $0) }
      let given = results.map { isSource.contains($0) ? nil : gradients[$0] }
      guard let first = given.firstIndex(where: { $0 != nil }), let gradient = given[first]
      else { continue }
      author = provenance.authors[index]
      let parts = self.gradients(of: index, from: given)
      for (place, (operand, part)) in zip(instruction.operands, parts).enumerated() {
        guard let part, depends[operand] else { continue }
        let sum = gradients[operand].map { add($0, part) } ?? part
        gradients[operand] = sum
        provenance.steps.append(
          DerivativeStep(
            operation: instruction.operation, operands: instruction.operands,
            result: results[first], gradient: gradient, operand: place, part: part, sum: sum))
      }
    }
    return sources.map { $0.index <= last ? gradients[$0] : nil }
  }

  /// Whether each value of the instructions up to `last` depends on a source.
  private func dependents(of sources: Set<Value>, upTo last: Int) -> ValueTable<Bool> {
    var depends = ValueTable<Bool>()
    for index in 0...last {
      let instruction = instructions[index]
      let isMade = instruction.operands.contains { depends[$0] }
      depends.append(
        instruction.types.indices.map { isMade || sources.contains(Value(index, result: $0)) })
    }
    return depends
  }
}
