/// Why a program is not well-formed.
package struct ProgramError: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

extension Program {
  /// Checks that operands are earlier values, that types follow their rules, and that names are
  /// unique.
  ///
  /// Runs in tests, and after every transformation in debug builds.
  package func check() throws(ProgramError) {
    for (index, instruction) in instructions.enumerated() {
      for operand in instruction.operands {
        guard (0..<index).contains(operand.index) else {
          throw ProgramError("%\(index) uses \(operand), which does not come before it")
        }
        guard exists(operand) else {
          throw ProgramError("%\(index) uses \(operand), which does not exist")
        }
      }
      do {
        let expected = try instruction.operation.resultTypes(
          of: instruction.operands.map(type(of:)), leaf: instruction.type)
        guard expected == instruction.types else {
          throw ProgramError(
            "its type is \(instruction.types.text), the rule says \(expected.text)")
        }
      } catch {
        throw ProgramError("%\(index) = \(instruction.operation): \(error)")
      }
    }
    try checkNames(inputs.map(\.name), "inputs")
    try checkNames(parameters.map(\.name), "parameters")
    try checkNames(outputs.map(\.name), "outputs")
    for output in outputs where !exists(output.value) {
      throw ProgramError("output '\(output.name)' is \(output.value), which does not exist")
    }
  }

  private func exists(_ value: Value) -> Bool {
    instructions.indices.contains(value.index)
      && instructions[value.index].types.indices.contains(value.result)
  }

  private func checkNames(_ names: [String], _ kind: String) throws(ProgramError) {
    var seen: Set<String> = []
    for name in names {
      try require(seen.insert(name).inserted, "two \(kind) are named '\(name)'")
    }
  }
}
