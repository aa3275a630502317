extension Program {
  /// The program with the results of each instruction replaced by those that `rewrite` returns.
  package func rewritten(
    _ rewrite: (Instruction, [Value], inout Builder) -> [Value]
  ) -> Program {
    var builder = Builder()
    var places = ValueTable<Value>()
    // The derivative steps that `rewrite` recorded for each instruction.
    var inner: [[DerivativeStep]] = []
    for (index, instruction) in instructions.enumerated() {
      if !provenance.authors.isEmpty { builder.author = provenance.authors[index] }
      let operands = instruction.operands.map { places[$0] }
      places.append(rewrite(instruction, operands, &builder))
      inner.append(builder.provenance.steps)
      builder.provenance.steps = []
    }
    for (number, step) in provenance.steps.enumerated() {
      if let moved = step.moved({ places[$0] }) { builder.provenance.steps.append(moved) }
      // The steps of a composite's expansion follow its step for the last operand.
      let next = provenance.steps.dropFirst(number + 1).first
      let isLast =
        next?.result.index != step.result.index || next?.part.index != step.part.index
      guard isLast else { continue }
      builder.provenance.steps += inner[step.part.index]
      inner[step.part.index] = []
    }
    return builder.program(outputs: outputs.map { Output($0.name, places[$0.value]) })
  }

  /// The program with every composite replaced by its expansion, or by that in the order of its
  /// kernel.
  package func expanded(asKernels: Bool = false) -> Program {
    rewritten { instruction, operands, builder in
      if case .composite(let composite) = instruction.operation {
        let gradient = asKernels ? composite.definition as? CompositeGradient : nil
        return gradient?.kernelSteps(operands, in: &builder)
          ?? composite.definition.expand(operands, in: &builder)
      }
      return builder.emit(instruction, operands: operands)
    }
  }
}
