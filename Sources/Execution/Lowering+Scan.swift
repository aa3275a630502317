internal import Diagnostics
internal import Graphs

extension Program {
  /// The program as it is lowered: composites without a kernel are their expansion, convolutions
  /// whose large kernel covers the map are products, and loops have time as their first axis.
  func prepared(keeping leaves: Int = 0) -> Program {
    // An expansion may hold loops and products, which the second pass sees.
    rewritten(keeping: leaves) { instruction, operands, builder in
      guard case .composite(let composite) = instruction.operation, !composite.hasKernel else {
        return builder.emit(instruction, operands: operands)
      }
      return composite.definition.expand(operands, in: &builder)
    }.rewritten(keeping: leaves) { instruction, operands, builder in
      switch instruction.operation {
      case .scan(let scan):
        return builder.emitTimeFirst(
          scan.with(scan.body.prepared(keeping: scan.leaves.count)), operands)
      default:
        if let product = builder.wholeMapProduct(instruction, operands) { return [product] }
        return builder.emit(instruction, operands: operands)
      }
    }
  }
}

extension Builder {
  /// Writes a loop whose sequences have time as their first axis, so that each item is one block.
  fileprivate mutating func emitTimeFirst(_ scan: Scan, _ operands: [Value]) -> [Value] {
    if scan.axis == 0 { return results(of: .scan(scan), operands) }
    let last = scan.carries + scan.sequences
    let moved = operands.enumerated().map { place, operand in
      (scan.carries..<last).contains(place)
        ? move(operand, axis: shape(of: operand).timeAxis(scan.axis), to: 0) : operand
    }
    let timeFirst = Scan(
      scan.body, carries: scan.carries, sequences: scan.sequences, axis: 0, steps: scan.steps,
      isReversed: scan.isReversed)
    let made = results(of: .scan(timeFirst), moved)
    return made.enumerated().map { place, result in
      place < scan.carries
        ? result : move(result, axis: 0, to: shape(of: result).timeAxis(scan.axis))
    }
  }

  private mutating func move(_ value: Value, axis: Int, to place: Int) -> Value {
    var order = Array(0..<shape(of: value).rank)
    order.insert(order.remove(at: axis), at: place)
    return emit(.permute(order), value)
  }
}

extension Lowering {
  /// Writes a loop: its body is lowered once, with addresses that change from step to step.
  mutating func emit(_ scan: Scan, _ value: Value) throws(Failure) {
    let operands = program[value].operands.map(slot(of:))
    let results = program.results(of: value.index).map { place($0, at: value) }
    var body = lowering(of: value, scan)
    let outputs = scan.body.outputs.map { body.analysis.root($0.value) }
    var items: [Loop.Item] = []
    var carries: [Loop.Carry] = []
    var copies: [Loop.Copy] = []

    for (place, operand) in operands.enumerated() {
      let leaf = Value(place)
      if place < scan.carries {
        let bytes = program.type(of: Value(value.index, result: place)).byteCount
        let (current, next) = (body.movingSlot(), body.movingSlot())
        carries.append(
          Loop.Carry(
            current: current, next: next, first: operand,
            blocks: (
              body.scratch(bytes, within: self, value), body.scratch(bytes, within: self, value)
            ), last: results[place], byteCount: bytes))
        body.bind(leaf, to: current)
      } else if place < scan.carries + scan.sequences {
        let slot = body.movingSlot()
        let bytes = scan.body.type(of: leaf).byteCount
        items.append(Loop.Item(slot: slot, sequence: operand, byteCount: bytes))
        body.bind(leaf, to: slot)
      } else {
        body.bind(leaf, to: operand)
      }
    }
    // Each output is written where it is needed first, and copied to where it is needed besides.
    var homes: [Value: Slot] = [:]
    for (place, output) in outputs.enumerated() {
      let bytes = scan.body.type(of: output).byteCount
      let target: Slot
      if place < scan.carries {
        target = carries[place].next
      } else if let result = results[place] {
        if output.index < scan.carries, carries[output.index].sequence == nil {
          carries[output.index].sequence = result
          continue
        }
        target = body.movingSlot()
        items.append(Loop.Item(slot: target, sequence: result, byteCount: bytes))
      } else {
        continue
      }
      if let home = homes[output] ?? (output.index < operands.count ? body.slot(of: output) : nil) {
        copies.append(Loop.Copy(from: home, to: target, byteCount: bytes))
      } else {
        homes[output] = target
        body.bind(output, to: target, isOutput: true)
      }
    }
    try body.emitAll()
    let loop = Loop(
      order: scan.order, preparations: body.preparations, calls: body.calls, items: items,
      carries: carries, copies: copies)
    finish(body, steps: scan.steps)
    call(value, loop: loop) { _ in preconditionFailure("a loop has no kernel of its own") }
  }
}
