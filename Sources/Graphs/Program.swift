/// The result of one instruction of a program.
package struct Value: Hashable, Sendable, CustomStringConvertible {
  package let index: Int

  package init(_ index: Int) { self.index = index }

  package var description: String { "%\(index)" }
}

/// One operation, what it is applied to, and the type of what it makes.
package struct Instruction: Hashable, Sendable {
  package let operation: Operation
  package let operands: [Value]
  package let type: TensorType

  package init(_ operation: Operation, _ operands: [Value], _ type: TensorType) {
    self.operation = operation
    self.operands = operands
    self.type = type
  }
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

/// A straight line of instructions, each made of earlier ones.
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

  package func type(of value: Value) -> TensorType { self[value].type }

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
