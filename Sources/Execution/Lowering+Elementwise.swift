internal import Graphs
internal import Kernels

extension Lowering {
  /// Writes one call for an elementwise operation and its members.
  mutating func emitElementwise(_ value: Value) {
    let values = analysis.members[value.index] + [value]
    let forms = values.map { analysis.elementwise($0) }
    let count = program.type(of: value).count
    let (outer, inner) = forms.first { $0.outer != 1 }.map { ($0.outer, $0.inner) } ?? (1, count)
    let block = ElementwiseGroup.block(outer: outer, inner: inner)
    let blockBytes = 4 * block.rows * block.columns

    // Values of a block share scratch memory; repeated rows stand behind it.
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
    var rows: [ElementwiseGroup.RepeatedRow] = []
    var rowOffsets: [Slot: Int] = [:]

    func operand(_ seen: Analysis.Operand, of form: Analysis.Elementwise, _ number: NumberType)
      -> ElementwiseGroup.Operand
    {
      guard let source = seen.source else {
        return .init(place: .constant(ConstantCell(seen.constant, number)), form: .single)
      }
      if let offset = temporaries[source] { return .init(place: .scratch(offset), form: .dense) }
      let place = ElementwiseGroup.Place.slot(slot(of: source), size: number.size)
      if seen.isDense(inner: form.inner) { return .init(place: place, form: .dense) }
      switch (seen.outerStride, seen.innerStride) {
      case (0, 0): return .init(place: place, form: .single)
      case (0, _) where block.columns == inner && block.rows > 1:
        let slot = slot(of: source)
        let known = rowOffsets[slot]
        let offset = known ?? scratchBytes
        if known == nil {
          rows.append(.init(source: slot, offset: offset, elementSize: number.size))
          rowOffsets[slot] = offset
          scratchBytes += (blockBytes + 63) / 64 * 64
        }
        return .init(place: .scratch(offset), form: .dense)
      case (0, _): return .init(place: place, form: .row)
      default: return .init(place: place, form: .column)
      }
    }

    let calls = zip(values, forms).map { member, form in
      let operands = zip(program[member].operands, form.operands).map { value, seen in
        operand(seen, of: form, program.type(of: value).number)
      }
      return (member: member, kernel: kernel(of: member), operands: operands)
    }
    let number = program.type(of: value).number
    let y = destination(value, mayReplace: zip(values, forms).flatMap { dense($0, $1, number) })
    let scratch = self.scratch(scratchBytes, at: value)
    let group = ElementwiseGroup(
      outer: outer, inner: inner,
      calls: calls.map { member, kernel, operands in
        .init(
          kernel: kernel, operands: operands,
          result: temporaries[member].map { .scratch($0) } ?? .slot(y, size: number.size))
      }, scratch: scratch, rows: rows)
    let names = values.dropLast().map { "\($0) \(program[$0].operation)" }
    call(value, names.isEmpty ? "" : "after \(names.joined(separator: ", "))") { group.run($0) }
  }

  private func kernel(of value: Value) -> ElementwiseGroup.Kernel {
    let number = program[value].operands.last.map { program.type(of: $0).number } ?? .float32
    return switch program[value].operation {
    case .unary(let unary): .unary(unary)
    case .binary(let binary): .binary(binary, number)
    case .compare(let comparison): .compare(comparison, number)
    case .select: .select(number)
    case .convert(let target): .convert(from: number, to: target)
    default: preconditionFailure("\(program[value].operation) is not elementwise")
    }
  }

  /// The stored operands that a result of this type may overwrite element by element.
  private func dense(
    _ value: Value, _ form: Analysis.Elementwise, _ number: NumberType
  ) -> [Value] {
    form.operands.compactMap { operand in
      guard let source = operand.source.flatMap(stored), operand.isDense(inner: form.inner),
        program.type(of: source).number == number
      else { return nil }
      return source
    }
  }

  private func stored(_ value: Value) -> Value? { analysis.isStored(value) ? value : nil }
}
