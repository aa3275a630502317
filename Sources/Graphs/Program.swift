/// A result of an instruction of a program.
package struct Value: Hashable, Sendable, CustomStringConvertible {
  /// The number of the instruction.
  package let index: Int
  package let result: Int

  package init(_ index: Int, result: Int = 0) {
    self.index = index
    self.result = result
  }

  /// `%3`, and `%3.1` for the second result.
  package var description: String { result == 0 ? "%\(index)" : "%\(index).\(result)" }
}

/// An operation, its operands, and the types of its results.
package struct Instruction: Hashable, Sendable {
  package let operation: Operation
  package let operands: [Value]
  package let types: [TensorType]

  package init(_ operation: Operation, _ operands: [Value], _ types: [TensorType]) {
    self.operation = operation
    self.operands = operands
    self.types = types
  }

  /// The type of the first result; most operations have no other.
  package var type: TensorType { types[0] }
}

/// A named result of a program.
package struct Output: Hashable, Sendable {
  package let name: String
  package let value: Value

  package init(_ name: String, _ value: Value) {
    self.name = name
    self.value = value
  }
}

/// A list of instructions, whose operands are results of earlier ones.
package struct Program: Hashable, Sendable {
  package let instructions: [Instruction]
  package let outputs: [Output]
  package let provenance: Provenance

  package init(
    _ instructions: [Instruction], outputs: [Output], provenance: Provenance = Provenance()
  ) {
    self.instructions = instructions
    self.outputs = outputs
    self.provenance = provenance
    assert(verified(), "an invalid program was built")
  }

  package subscript(value: Value) -> Instruction { instructions[value.index] }

  package func type(of value: Value) -> TensorType { self[value].types[value.result] }

  /// All values, in the order of their instructions.
  package var values: [Value] { instructions.indices.flatMap(results(of:)) }

  /// The results of an instruction.
  package func results(of index: Int) -> [Value] {
    instructions[index].types.indices.map { Value(index, result: $0) }
  }

  package func output(_ name: String) -> Value? {
    outputs.first { $0.name == name }?.value
  }

  /// The inputs in the order of their instructions.
  package var inputs: [(name: String, type: TensorType)] {
    instructions.compactMap { instruction in
      if case .input(let name) = instruction.operation { (name, instruction.type) } else { nil }
    }
  }

  /// The parameters in the order of their instructions.
  package var parameters: [(name: String, type: TensorType)] {
    instructions.compactMap { instruction in
      if case .parameter(let name) = instruction.operation { (name, instruction.type) } else { nil }
    }
  }

  private func verified() -> Bool {
    do {
      try check()
      return true
    } catch {
      print(error, self, separator: "\n")
      return false
    }
  }
}
