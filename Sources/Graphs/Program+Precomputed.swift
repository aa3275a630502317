extension Program {
  /// Two programs in place of this one, for parameters and some inputs that do not change: `first`
  /// computes what depends on these alone, and `rest` reads its outputs as further parameters.
  ///
  /// Factors of products that depend on parameters alone stay parameters, which plans pack; what
  /// only moves their numbers stays, too.
  package func precomputed(from inputs: Set<String> = []) -> (first: Program, rest: Program) {
    var isFixed: [Bool] = []
    var readsInput: [Bool] = []
    var isComputed: [Bool] = []
    var read: Set<Value> = []
    for instruction in instructions {
      let (operands, operation) = (instruction.operands, instruction.operation)
      let fixed =
        switch operation {
        case .parameter, .constant: true
        case .input(let name): inputs.contains(name)
        case _ where operation.isRandom: false
        default: !operands.isEmpty && operands.allSatisfy { isFixed[$0.index] }
        }
      let fromInput = operands.contains { readsInput[$0.index] }
      let computed =
        switch operation {
        case .unary, .binary, .matrixProduct: fixed
        default: fixed && fromInput && instruction.type.number == .float32
        }
      isFixed.append(fixed)
      isComputed.append(computed)
      if case .input = operation {
        readsInput.append(fixed)
      } else {
        readsInput.append(fixed && fromInput)
      }
      guard !computed else { continue }
      let isProduct = if case .matrixProduct = operation { true } else { false }
      for operand in operands
      where isComputed[operand.index] && (!isProduct || readsInput[operand.index]) {
        read.insert(operand)
      }
    }
    var builder = Builder()
    var places = ValueTable<Value>()
    for (index, instruction) in instructions.enumerated() {
      builder.author = provenance.author(of: index)
      let results = builder.emit(instruction, operands: instruction.operands.map { places[$0] })
      places.append(
        results.enumerated().map { result, value in
          let computed = Value(index, result: result)
          guard read.contains(computed) else { return value }
          return builder.parameter(
            Program.name(ofPrecomputed: computed), instruction.types[result].shape)
        })
    }
    let rest = builder.program(outputs: outputs.map { Output($0.name, places[$0.value]) })
    let needed = Set(rest.parameters.map(\.name))
    let found = read.filter { needed.contains(Program.name(ofPrecomputed: $0)) }
      .sorted { ($0.index, $0.result) < ($1.index, $1.result) }
    return (
      Program(
        of: found.map { Output(Program.name(ofPrecomputed: $0), $0) }, in: instructions, provenance),
      rest
    )
  }

  private static func name(ofPrecomputed value: Value) -> String {
    "precomputed/\(value.index)" + (value.result == 0 ? "" : ".\(value.result)")
  }
}
