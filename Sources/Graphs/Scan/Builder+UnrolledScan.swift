extension Builder {
  /// Names a value for explanations, behind the name of its layer; a reshape names its operand.
  package mutating func name(_ value: Value, _ name: String) {
    if case .reshape = instructions[value.index].operation {
      return self.name(instructions[value.index].operands[0], name)
    }
    let name = "\(author).\(name)"
    provenance.names[value] = provenance.names[value] ?? name
  }

  /// Writes the steps of a loop one after the other.
  mutating func unrolledScan(
    over sequences: [Value], axis: Int, from first: [Value], with constants: [Value],
    steps: Int, reversed: Bool, _ step: Step
  ) -> (carries: [Value], results: [Value]) {
    let order = reversed ? Array((0..<steps).reversed()) : Array(0..<steps)
    let loop = (provenance.states.last?.loop ?? -1) + 1
    var carries = first
    var results = [[Value]](repeating: [], count: steps)
    for place in order {
      let start = instructions.count
      let items = sequences.map { item(place, of: $0, axis: axis) }
      let made = step(&self, carries, items, constants)
      finishStep(place + 1, from: start, reading: carries + items)
      (carries, results[place]) = made
      provenance.states.append(LoopState(loop: loop, step: place + 1, carries: carries))
    }
    let stacks = results[0].indices.map { result in
      let parts = results.map { $0[result] }
      let stack = emit(
        .concatenate(axis: axis),
        parts.map { reshape($0, shape(of: $0).inserting(1, at: axis)) })
      stackedItems[stack] = LoopItems(axis: axis, values: parts)
      return stack
    }
    return (carries, stacks)
  }

  /// An item of a sequence: what a loop before gave at that step, or a slice.
  private mutating func item(_ step: Int, of sequence: Value, axis: Int) -> Value {
    if let known = stackedItems[sequence], known.axis == axis { return known.values[step] }
    let slice = slice(sequence, axis: axis, step..<step + 1)
    let name = (provenance.names[sequence] ?? source(of: sequence)) + (step + 1).subscripted
    provenance.names[slice] = provenance.names[slice] ?? name
    return reshape(slice, shape(of: sequence).removing(axis))
  }

  /// The name of the input or layer that a sequence comes from.
  private func source(of value: Value) -> String {
    switch instructions[value.index].operation {
    case .input(let name): name
    case .reshape, .convert: source(of: instructions[value.index].operands[0])
    default: provenance.authors[value.index]
    }
  }

  /// Marks what was written of a step with its number.
  ///
  /// A value that reads none of the step's arguments is the same in all steps, and keeps its name.
  private mutating func finishStep(_ step: Int, from start: Int, reading arguments: [Value]) {
    // A reshape of a reshape reads the operand of the first.
    let reshaped = arguments.flatMap { argument in
      let instruction = instructions[argument.index]
      return if case .reshape = instruction.operation { instruction.operands } else { [Value]() }
    }
    var isOfStep = Set((arguments + reshaped).map(\.index))
    for index in start..<instructions.count {
      provenance.authors[index] += " step \(step)"
      guard instructions[index].operands.contains(where: { isOfStep.contains($0.index) })
      else { continue }
      isOfStep.insert(index)
      for result in instructions[index].types.indices {
        let value = Value(index, result: result)
        if let name = provenance.names[value] {
          provenance.names[value] = name + step.subscripted
        }
      }
    }
  }
}

/// The values that a loop gave at each step, which a stack consists of.
struct LoopItems {
  let axis: Int
  let values: [Value]
}

extension Int {
  /// Its digits below the line: `₁₂`.
  package var subscripted: String {
    let digits = Array(Character.subscriptDigits)
    return String("\(self)".compactMap { $0.wholeNumberValue.map { digits[$0] } })
  }
}

extension Character {
  fileprivate static let subscriptDigits = "₀₁₂₃₄₅₆₇₈₉"

  /// The value of a digit below the line.
  package var subscriptDigit: Int? {
    Self.subscriptDigits.contains(self) ? wholeNumberValue : nil
  }
}

extension String {
  /// With digits on the line: `h2` for `h₂`.
  package var withPlainDigits: String {
    map { $0.subscriptDigit.map { "\($0)" } ?? "\($0)" }.joined()
  }
}
