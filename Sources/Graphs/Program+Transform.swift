extension Program {
  /// The program with the results of each instruction replaced by those that `rewrite` returns.
  ///
  /// The first `leaves` instructions are kept, whether they are needed or not.
  package func rewritten(
    keeping leaves: Int = 0, _ rewrite: (Instruction, [Value], inout Builder) -> [Value]
  ) -> Program {
    var builder = Builder()
    var places = ValueTable<Value>()
    // The derivative steps that `rewrite` recorded for each instruction.
    var inner: [[DerivativeStep]] = []
    for (index, instruction) in instructions.enumerated() {
      builder.author = provenance.author(of: index)
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
    builder.provenance.addNames(of: provenance) { places[$0] }
    return Program(
      of: outputs.map { Output($0.name, places[$0.value]) }, in: builder.instructions,
      builder.provenance, keeping: Set(0..<leaves))
  }

  /// The program with every composite replaced by its expansion, or by that in the order of its
  /// kernel.
  package func expanded(asKernels: Bool = false, keeping leaves: Int = 0) -> Program {
    rewritten(keeping: leaves) { instruction, operands, builder in
      if case .scan(let scan) = instruction.operation {
        let body = scan.body.expanded(asKernels: asKernels, keeping: scan.leaves.count)
        return builder.results(of: .scan(scan.with(body)), operands)
      }
      if case .composite(let composite) = instruction.operation {
        let gradient = asKernels ? composite.definition as? CompositeGradient : nil
        return gradient?.kernelSteps(operands, in: &builder)
          ?? composite.definition.expand(operands, in: &builder)
      }
      return builder.emit(instruction, operands: operands)
    }
  }

  /// The program with every loop written out, step after step.
  package func unrolled() -> Program {
    rewritten { instruction, operands, builder in
      guard case .scan(let scan) = instruction.operation else {
        return builder.emit(instruction, operands: operands)
      }
      return builder.unroll(scan, operands)
    }
  }
}

extension Builder {
  /// Writes the steps of a loop; their author is the loop's, with the number of the step.
  fileprivate mutating func unroll(_ scan: Scan, _ operands: [Value]) -> [Value] {
    let body = scan.body.unrolledBody
    var carries = Array(operands.prefix(scan.carries))
    var items = [[Value]](repeating: [], count: scan.steps)
    let writer = author
    for step in scan.order {
      var places = ValueTable<Value>()
      for (index, instruction) in body.instructions.enumerated() {
        author = "\(writer) step \(step + 1)"
        if index < scan.carries {
          places.append([carries[index]])
        } else if index < scan.carries + scan.sequences {
          let axis = shape(of: operands[index]).timeAxis(scan.axis)
          let item = slice(operands[index], axis: axis, step..<step + 1)
          places.append([reshape(item, instruction.type.shape)])
        } else if index < operands.count {
          places.append([operands[index]])
        } else {
          places.append(emit(instruction, operands: instruction.operands.map { places[$0] }))
        }
      }
      provenance.steps += body.provenance.steps.compactMap { $0.moved { places[$0] } }
      let made = body.outputs.map { places[$0.value] }
      carries = Array(made.prefix(scan.carries))
      items[step] = Array(made.dropFirst(scan.carries))
    }
    author = writer
    let stacks = (0..<body.outputs.count - scan.carries).map { place in
      let parts = items.map {
        reshape($0[place], shape(of: $0[place]).inserting(1, at: scan.axis))
      }
      return emit(.concatenate(axis: shape(of: parts[0]).timeAxis(scan.axis)), parts)
    }
    return carries + stacks
  }
}

extension Program {
  /// A body whose own loops are written out.
  fileprivate var unrolledBody: Program {
    guard hasLoop else { return self }
    return rewritten(keeping: inputs.count) { instruction, operands, builder in
      guard case .scan(let scan) = instruction.operation else {
        return builder.emit(instruction, operands: operands)
      }
      return builder.unroll(scan, operands)
    }
  }
}
