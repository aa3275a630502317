internal import Graphs
internal import Kernels

extension Lowering {
  /// Writes one step for an elementwise operation and all that is computed with it.
  mutating func emitElementwise(_ value: Value) {
    let values = analysis.members[value.index] + [value]
    let forms = values.map { analysis.elementwise($0) }
    let count = program.type(of: value).count
    let (outer, inner) = forms.first { $0.outer != 1 }.map { ($0.outer, $0.inner) } ?? (1, count)
    let block = ElementwiseGroup.block(outer: outer, inner: inner)
    let blockBytes = 4 * block.rows * block.columns

    // Values of a block stand in the scratch memory, which few share in turn; repeated rows behind.
    var lastUse: [Value: Int] = [:]
    for (index, form) in forms.enumerated() {
      for source in form.operands.compactMap(\.source) { lastUse[source] = index }
    }
    let plan = MemoryPlan(
      values.indices.dropLast().map { index in
        MemoryPlan.Block(
          byteCount: blockBytes, first: index, last: lastUse[values[index]] ?? index)
      })
    analysis.work.visits += plan.visits
    let temporaries = Dictionary(uniqueKeysWithValues: zip(values, plan.offsets))
    var scratchBytes = plan.byteCount
    var rows: [(source: Slot, offset: Int)] = []
    var rowOffsets: [Slot: Int] = [:]

    func operand(_ seen: Analysis.Operand, of form: Analysis.Elementwise, size: Int)
      -> ElementwiseGroup.Operand
    {
      guard let source = seen.source else {
        return .init(place: .constant(ConstantCell(seen.constant)), form: .single)
      }
      if let offset = temporaries[source] { return .init(place: .scratch(offset), form: .dense) }
      let place = ElementwiseGroup.Place.slot(home(source), size: size)
      if seen.isDense(inner: form.inner) { return .init(place: place, form: .dense) }
      switch (seen.outerStride, seen.innerStride) {
      case (0, 0): return .init(place: place, form: .single)
      case (0, _) where block.columns == inner && block.rows > 1:
        let slot = home(source)
        let known = rowOffsets[slot]
        let offset = known ?? scratchBytes
        if known == nil {
          rows.append((slot, offset))
          rowOffsets[slot] = offset
          scratchBytes += (blockBytes + 63) / 64 * 64
        }
        return .init(place: .scratch(offset), form: .dense)
      case (0, _): return .init(place: place, form: .row)
      default: return .init(place: place, form: .column)
      }
    }

    let operations = zip(values, forms).map { member, form in
      let operands = zip(program[member].operands, form.operands).map { value, seen in
        operand(seen, of: form, size: program.type(of: value).number.size)
      }
      return (member: member, kernel: kernel(of: member), operands: operands)
    }
    let size = program.type(of: value).number.size
    let y = destination(value, mayReplace: zip(values, forms).flatMap { dense($0, $1) })
    let scratch = self.scratch(scratchBytes, at: value)
    let group = ElementwiseGroup(
      outer: outer, inner: inner,
      operations: operations.map { member, kernel, operands in
        .init(
          kernel: kernel, operands: operands,
          result: temporaries[member].map { .scratch($0) } ?? .slot(y, size: size))
      }, scratch: scratch, rows: rows)
    let names = values.dropLast().map { "\($0) \(program[$0].operation)" }
    step(value, names.isEmpty ? "" : "after \(names.joined(separator: ", "))") { group.run($0) }
  }

  private func kernel(of value: Value) -> ElementwiseGroup.Kernel {
    switch program[value].operation {
    case .unary(let unary): .unary(unary)
    case .binary(let binary): .binary(binary)
    case .compare(let comparison): .compare(comparison)
    case .select: .select
    case .convert: .convert
    default: preconditionFailure("\(program[value].operation) is not elementwise")
    }
  }

  /// The stored operands that the result may overwrite element by element.
  private func dense(_ value: Value, _ form: Analysis.Elementwise) -> [Value] {
    form.operands.compactMap { operand in
      operand.isDense(inner: form.inner) ? operand.source.flatMap(stored) : nil
    }
  }

  private func stored(_ value: Value) -> Value? { analysis.isStored(value) ? value : nil }

  // MARK: Integers and conversions

  mutating func emit(_ comparison: Comparison, _ value: Value) {
    switch program.type(of: program[value].operands[0]).number {
    case .float32: emitElementwise(value)
    case .int32: emit(comparison, value, of: Int32.self)
    case .uint8: emit(comparison, value, of: UInt8.self)
    }
  }

  private mutating func emit<Number: FixedWidthInteger>(
    _ comparison: Comparison, _ value: Value, of _: Number.Type
  ) {
    let operands = program[value].operands
    let count = program.type(of: value).count
    let (y, a, b) = (destination(value), home(operands[0]), home(operands[1]))
    step(value) { frame in
      let mask = unsafe frame.bytes(y)
      let (p, q) = unsafe (frame.numbers(a, Number.self), frame.numbers(b, Number.self))
      switch comparison {
      case .less: unsafe Elementwise.less(mask, p, q, count)
      case .lessOrEqual: unsafe Elementwise.lessOrEqual(mask, p, q, count)
      case .equal: unsafe Elementwise.equal(mask, p, q, count)
      }
    }
  }

  mutating func emitSelect(_ value: Value) {
    switch program.type(of: value).number {
    case .float32: emitElementwise(value)
    case .int32: emitSelect(value, of: Int32.self)
    case .uint8: emitSelect(value, of: UInt8.self)
    }
  }

  private mutating func emitSelect<Number: FixedWidthInteger>(_ value: Value, of _: Number.Type) {
    let operands = program[value].operands
    let count = program.type(of: value).count
    let (mask, a, b) = (home(operands[0]), home(operands[1]), home(operands[2]))
    let y = destination(value)
    step(value) { frame in
      unsafe Elementwise.select(
        frame.numbers(y, Number.self), frame.bytes(mask), frame.numbers(a, Number.self),
        frame.numbers(b, Number.self), count)
    }
  }

  mutating func emitConversion(_ value: Value) {
    let operand = program[value].operands[0]
    let count = program.type(of: value).count
    if analysis.isFusible(value) { return emitElementwise(value) }
    let (y, x) = (destination(value), home(operand))
    switch (program.type(of: operand).number, program.type(of: value).number) {
    case (.int32, .float32):
      step(value) { unsafe Elementwise.convert($0.floats(y), $0.integers(x), count) }
    case (.float32, .int32):
      step(value) { unsafe Elementwise.truncate($0.integers(y), $0.floats(x), count) }
    case (.float32, .uint8):
      step(value) { unsafe Elementwise.truncate($0.bytes(y), $0.floats(x), count) }
    case (.uint8, .int32):
      step(value) { unsafe Elementwise.convert($0.integers(y), $0.bytes(x), count) }
    case (.int32, .uint8):
      step(value) { unsafe Elementwise.convert($0.bytes(y), $0.integers(x), count) }
    case (.uint8, .float32), (.float32, .float32), (.int32, .int32), (.uint8, .uint8):
      preconditionFailure("bytes become real numbers in a chain; no type becomes itself")
    }
  }
}
