internal import Graphs
internal import Kernels

extension Lowering {
  /// Writes one call for an elementwise operation and its members, or for members whose results it
  /// joins.
  mutating func emitElementwise(_ value: Value) {
    let joined = program[value].operation.isElementwise ? [] : program[value].operands
    let values = analysis.members[value.index] + (joined.isEmpty ? [value] : [])
    let forms = values.map { analysis.elementwise($0) }
    let (outer, inner) =
      analysis.extents[value.index] ?? forms.first { $0.outer != 1 }
      .map { ($0.outer, $0.inner) } ?? (1, program.type(of: values[0]).count)
    let block = ElementwiseGroup.block(outer: outer, inner: inner)
    let blockBytes = 4 * block.rows * block.columns

    // Values of a block share scratch memory; repeated rows stand behind it.
    var lastUse: [Value: Int] = [:]
    for (index, form) in forms.enumerated() {
      for source in form.operands.compactMap(\.source) { lastUse[source] = index }
    }
    // A value that another call reads has memory of its own.
    let inside = values.indices.filter {
      values[$0] != value && !joined.contains(values[$0]) && !analysis.isStored(values[$0])
    }
    let plan = MemoryPlan(
      inside.map { index in
        MemoryPlan.Block(
          byteCount: blockBytes, first: index, last: lastUse[values[index]] ?? index)
      })
    analysis.work.visits += plan.visits
    let temporaries = Dictionary(
      uniqueKeysWithValues: zip(inside.map { values[$0] }, plan.offsets))
    var scratchBytes = plan.byteCount
    var rows: [ElementwiseGroup.RepeatedRow] = []
    var results: [Value: Slot] = [:]
    for member in values where member != value && analysis.isStored(member) {
      if !joined.contains(member) { results[member] = destination(member, at: value) }
    }
    let number = program.type(of: value).number
    let y = destination(
      value, mayReplace: joined.isEmpty ? zip(values, forms).flatMap { dense($0, $1, number) } : [])
    func result(_ member: Value) -> ElementwiseGroup.Operand {
      let size = program.type(of: member).number.size
      if let offset = temporaries[member] {
        return .init(place: .scratch(offset, size: size), form: .dense)
      }
      if let part = joined.firstIndex(of: member) {
        return .init(
          place: .slot(y, size: size, offset: part * inner),
          form: .part(stride: joined.count * inner))
      }
      return .init(place: .slot(results[member] ?? y, size: size, offset: 0), form: .dense)
    }
    var rowOffsets: [Slot: Int] = [:]

    func operand(_ seen: Analysis.Operand, of form: Analysis.Elementwise, _ number: NumberType)
      -> ElementwiseGroup.Operand
    {
      guard let source = seen.source else {
        return .init(place: .constant(ConstantCell(seen.constant, number)), form: .single)
      }
      if let offset = temporaries[source] {
        return .init(place: .scratch(offset, size: number.size), form: .dense)
      }
      let place = ElementwiseGroup.Place.slot(
        results[source] ?? slot(of: source), size: number.size, offset: seen.offset)
      if seen.isPart { return .init(place: place, form: .part(stride: seen.outerStride)) }
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
        return .init(place: .scratch(offset, size: number.size), form: .dense)
      case (0, _): return .init(place: place, form: .row)
      default: return .init(place: place, form: .column)
      }
    }

    let calls = zip(values, forms).map { member, form in
      let operands = zip(program[member].operands, form.operands).map { value, seen in
        operand(seen, of: form, program.type(of: value).number)
      }
      return ElementwiseGroup.BlockCall(
        kernel: kernel(of: member), operands: operands, result: result(member))
    }
    let scratch = self.scratch(scratchBytes, at: value)
    let group = ElementwiseGroup(
      outer: outer, inner: inner, calls: calls, scratch: scratch, rows: rows)
    let names = values.filter { $0 != value }.map { "\($0) \(program[$0].operation)" }
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

extension Operation {
  var isElementwise: Bool {
    switch self {
    case .unary, .binary, .compare, .select, .convert: true
    default: false
    }
  }
}
