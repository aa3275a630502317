extension Program {
  /// Two programs in place of this one, for parameters that do not change: `first` computes what
  /// depends on parameters alone, and `rest` reads its outputs as further parameters.
  ///
  /// Factors of products stay parameters, which plans pack; what only moves numbers stays, too.
  package func precomputed() -> (first: Program, rest: Program) {
    var isFixed: [Bool] = []
    var isComputed: [Bool] = []
    var isRead = [Bool](repeating: false, count: instructions.count)
    for instruction in instructions {
      let (operands, operation) = (instruction.operands, instruction.operation)
      let fixed =
        switch operation {
        case .parameter, .constant: true
        case .input, .random, .scan: false
        default: !operands.isEmpty && operands.allSatisfy { isFixed[$0.index] }
        }
      let computed =
        switch operation {
        case .unary, .binary, .matrixProduct: fixed
        default: false
        }
      isFixed.append(fixed)
      isComputed.append(computed)
      if case .matrixProduct = operation, !fixed { continue }
      for operand in operands where isComputed[operand.index] && !computed {
        isRead[operand.index] = true
      }
    }
    var builder = Builder()
    var places = ValueTable<Value>()
    for (index, instruction) in instructions.enumerated() {
      builder.author = provenance.author(of: index)
      places.append(
        isRead[index]
          ? [builder.parameter(Program.name(ofPrecomputed: index), instruction.type.shape)]
          : builder.emit(instruction, operands: instruction.operands.map { places[$0] }))
    }
    let rest = builder.program(outputs: outputs.map { Output($0.name, places[$0.value]) })
    let needed = Set(rest.parameters.map(\.name))
    let found = instructions.indices.filter {
      isRead[$0] && needed.contains(Program.name(ofPrecomputed: $0))
    }
    return (
      Program(
        of: found.map { Output(Program.name(ofPrecomputed: $0), Value($0)) }, in: instructions,
        provenance), rest
    )
  }

  private static func name(ofPrecomputed index: Int) -> String { "precomputed/\(index)" }
}
