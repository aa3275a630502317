internal import Graphs
internal import Kernels

extension Lowering {
  /// Writes one call for an elementwise operation and its members, or for members whose results it
  /// joins.
  mutating func emitElementwise(_ value: Value) {
    let joined = program[value].operation.isElementwise ? [] : program[value].operands
    let values = analysis.members[value.index] + (joined.isEmpty ? [value] : [])
    let forms = values.map { analysis.elementwise($0) }
    let (rows, columns) =
      analysis.extents[value.index] ?? forms.first { $0.outer != 1 }
      .map { ($0.outer, $0.inner) } ?? (1, program.type(of: values[0]).count)
    var group = ElementwiseGroup(rows: rows, columns: columns)
    let blockBytes = group.blockBytes
    func newBlock() -> Slot { scratch(blockBytes, at: value) }

    // Values that only the group reads share scratch memory; others have memory of their own.
    var fields: [Value: ElementwiseGroup.Field] = [:]
    var lastUse: [Value: Int] = [:]
    for (index, form) in forms.enumerated() {
      for source in form.operands.compactMap(\.source) { lastUse[source] = index }
    }
    let results = Set(joined + [value])
    let inside = values.indices.filter {
      !results.contains(values[$0]) && !analysis.isStored(values[$0])
    }
    let plan = MemoryPlan(
      inside.map { index in
        MemoryPlan.Block(
          byteCount: blockBytes, first: index, last: lastUse[values[index]] ?? index)
      })
    analysis.work.visits += plan.visits
    let temporaries = scratch(plan.byteCount, at: value)
    for (index, offset) in zip(inside, plan.offsets) {
      fields[values[index]] = group.block(
        temporaries, program.type(of: values[index]).number.size, offset: offset)
    }
    for member in values where !results.contains(member) && analysis.isStored(member) {
      fields[member] = field(destination(member, at: value), of: member, stride: columns)
    }
    let number = program.type(of: value).number
    let y = destination(
      value, mayReplace: joined.isEmpty ? zip(values, forms).flatMap { dense($0, $1, number) } : [])
    if joined.isEmpty { fields[value] = field(y, of: value, stride: columns) }
    for (place, part) in joined.enumerated() {
      let part = field(y, of: part, offset: place * columns, stride: joined.count * columns)
      fields[joined[place]] = group.writing(part, size: number.size, newBlock: newBlock)
    }

    for (member, form) in zip(values, forms) {
      let sources = program[member].operands
      let operands = zip(sources, form.operands).map { operand, seen in
        let number = program.type(of: operand).number
        guard let source = seen.source else {
          return group.block(constant(seen.constant, number), number.size)
        }
        if let field = fields[source] { return field }
        // In a form of one row, what has no gaps may be several rows of the group.
        let stride = form.outer == 1 && seen.innerStride == 1 ? columns : seen.outerStride
        let field = ElementwiseGroup.Field(
          slot: slot(of: source), offset: seen.offset * number.size,
          rowBytes: stride * number.size, columnBytes: seen.innerStride * number.size)
        return group.reading(field, size: number.size, newBlock: newBlock)
      }
      let number = sources.last.map { program.type(of: $0).number } ?? .float32
      group.steps.append(
        .init(
          kernel: Elementwise(program[member].operation, of: number),
          result: fields[member] ?? operands[0],
          operands: InlineArray { operands[min($0, operands.count - 1)] }))
    }
    let names = values.filter { $0 != value }.map { "\($0) \(program[$0].operation)" }
    call(value, names.isEmpty ? "" : "after \(names.joined(separator: ", "))") { [group] in
      group.run($0)
    }
  }

  private func field(
    _ slot: Slot, of value: Value, offset: Int = 0, stride: Int
  ) -> ElementwiseGroup.Field {
    let size = program.type(of: value).number.size
    return .init(
      slot: slot, offset: offset * size, rowBytes: stride * size, columnBytes: size,
      stride: stride * size)
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
