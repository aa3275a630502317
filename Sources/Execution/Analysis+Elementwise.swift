internal import Graphs

extension Analysis {
  /// An operand as an elementwise kernel sees it.
  struct Operand {
    /// The value that is read; nil for a constant.
    let source: Value?
    let constant: Double
    let outerStride: Int
    let innerStride: Int
    /// The first element, and whether rows lie apart: a part of each row of the source.
    var offset = 0
    var isPart = false

    /// Whether each element is read once, in order.
    func isDense(inner: Int) -> Bool { innerStride == 1 && outerStride == inner && !isPart }
  }

  /// The result of an elementwise operation as `outer * inner` elements.
  struct Elementwise {
    var outer: Int
    var inner: Int
    var operands: [Operand]
  }

  /// Constants, broadcasts along leading or trailing axes and parts of rows are not written out,
  /// unless one of them does not fit the others.
  func elementwise(_ value: Value) -> Elementwise {
    work.visits += 1
    let instruction = program[value]
    let count = instruction.type.count
    var split: (outer: Int, inner: Int)?
    var forms: [Repetition?] = []
    // Kernels read a mask, or a single operand, element by element.
    let isDense = instruction.operands.indices.map {
      instruction.operands.count == 1 || ($0 == 0 && instruction.operation == .select)
    }
    for (operand, isDense) in zip(instruction.operands, isDense) {
      var form = part(operand) ?? (isDense ? nil : repetition(operand))
      if let found = form, found.inner != 1 || found.outer != 1 || found.part != nil {
        if split == nil { split = (found.outer, found.inner) }
        if let split, split != (found.outer, found.inner) { form = nil }
      }
      forms.append(form)
    }
    let (outer, inner) = split ?? (1, count)
    let operands = instruction.operands.enumerated().map { place, operand in
      if case .constant(let number) = program[operand].operation, !isDense[place] {
        return Operand(source: nil, constant: number, outerStride: 0, innerStride: 0)
      }
      guard let form = forms[place] else {
        return Operand(source: root(operand), constant: 0, outerStride: inner, innerStride: 1)
      }
      if let part = form.part {
        return Operand(
          source: root(form.source), constant: 0, outerStride: part.stride, innerStride: 1,
          offset: part.offset, isPart: true)
      }
      return Operand(
        source: root(form.source), constant: 0, outerStride: form.alongOuter ? 1 : 0,
        innerStride: form.alongInner ? 1 : 0)
    }
    return Elementwise(outer: outer, inner: inner, operands: operands)
  }

  /// A broadcast that repeats a vector along leading axes, or each of its elements along trailing
  /// axes; or a part of rows.
  private struct Repetition {
    let source: Value
    let outer: Int
    let inner: Int
    var alongOuter = false
    var alongInner = false
    /// Where a part of each row begins, and the elements from row to row.
    var part: (offset: Int, stride: Int)?
  }

  /// A part of one axis in the body of a loop, as rows that lie apart.
  private func part(_ value: Value) -> Repetition? {
    guard isBody, case .slice(let ranges) = program[value].operation else { return nil }
    let from = program.type(of: program[value].operands[0]).shape
    let cut = ranges.indices.filter { ranges[$0].count != from[$0] }
    guard cut.count == 1, ranges[cut[0]].stride == 1 else { return nil }
    let inside = from.extents[(cut[0] + 1)...].reduce(1, *)
    return Repetition(
      source: program[value].operands[0], outer: from.extents[..<cut[0]].reduce(1, *),
      inner: ranges[cut[0]].count * inside,
      part: (ranges[cut[0]].start * inside, from[cut[0]] * inside))
  }

  private func repetition(_ value: Value) -> Repetition? {
    let instruction = program[value]
    guard case .broadcast(let shape) = instruction.operation else { return nil }
    let from = program.type(of: instruction.operands[0]).shape
    let source = instruction.operands[0]
    if from.count == 1 {
      return Repetition(source: source, outer: 1, inner: 1)
    }
    let repeated = (0..<shape.rank).filter { from[$0] != shape[$0] }
    guard let first = repeated.first, let last = repeated.last else { return nil }
    let before = shape.extents[..<first].reduce(1, *)
    let after = shape.extents[(last + 1)...].reduce(1, *)
    let between = shape.extents[first...last].reduce(1, *)
    if from.extents[first...last].contains(where: { $0 != 1 }) { return nil }
    if before == 1 {
      return Repetition(
        source: source, outer: between, inner: after, alongInner: true)
    }
    if after == 1 {
      return Repetition(
        source: source, outer: before, inner: between, alongOuter: true)
    }
    return nil
  }
}
