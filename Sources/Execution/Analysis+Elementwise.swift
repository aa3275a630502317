internal import Graphs

extension Analysis {
  /// An operand as an elementwise kernel sees it.
  struct Operand {
    /// The value that is read; nil for a constant.
    let source: Value?
    let constant: Double
    let outerStride: Int
    let innerStride: Int

    /// Whether each element is read once, in order.
    func isDense(inner: Int) -> Bool { innerStride == 1 && outerStride == inner }
  }

  /// The result of an elementwise operation as `outer * inner` elements.
  struct Elementwise {
    var outer: Int
    var inner: Int
    var operands: [Operand]
  }

  /// Constants and broadcasts along leading or trailing axes are not written out, unless one
  /// broadcast does not fit the others.
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
      var form = isDense ? nil : repetition(operand)
      if let found = form, found.inner != 1 || found.outer != 1 {
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
      return Operand(
        source: root(form.source), constant: 0, outerStride: form.alongOuter ? 1 : 0,
        innerStride: form.alongInner ? 1 : 0)
    }
    return Elementwise(outer: outer, inner: inner, operands: operands)
  }

  /// A broadcast that repeats a vector along leading axes, or each of its elements along trailing
  /// axes.
  private struct Repetition {
    let source: Value
    let outer: Int
    let inner: Int
    let alongOuter: Bool
    let alongInner: Bool
  }

  private func repetition(_ value: Value) -> Repetition? {
    let instruction = program[value]
    guard case .broadcast(let shape) = instruction.operation else { return nil }
    let from = program.type(of: instruction.operands[0]).shape
    let source = instruction.operands[0]
    if from.count == 1 {
      return Repetition(source: source, outer: 1, inner: 1, alongOuter: false, alongInner: false)
    }
    let repeated = (0..<shape.rank).filter { from[$0] != shape[$0] }
    guard let first = repeated.first, let last = repeated.last else { return nil }
    let before = shape.extents[..<first].reduce(1, *)
    let after = shape.extents[(last + 1)...].reduce(1, *)
    let between = shape.extents[first...last].reduce(1, *)
    if from.extents[first...last].contains(where: { $0 != 1 }) { return nil }
    if before == 1 {
      return Repetition(
        source: source, outer: between, inner: after, alongOuter: false, alongInner: true)
    }
    if after == 1 {
      return Repetition(
        source: source, outer: before, inner: between, alongOuter: true, alongInner: false)
    }
    return nil
  }
}
