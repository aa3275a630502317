extension Builder {
  /// An existing value or a simpler operation with the same bits; nil if there is none.
  mutating func simplified(_ operation: Operation, _ operands: [Value]) -> Value? {
    let types = operands.map { type(of: $0) }
    switch operation {
    case .reshape(let shape):
      if types[0].shape == shape { return operands[0] }
      if case .reshape = definition(operands[0]).operation {
        return emit(operation, definition(operands[0]).operands[0])
      }
      return constantValue(operands[0]).map { constant($0, TensorType(types[0].number, shape)) }
    case .broadcast(let shape):
      if types[0].shape == shape { return operands[0] }
      return constantValue(operands[0]).map { constant($0, TensorType(types[0].number, shape)) }
    case .permute(let order):
      if case .permute(let first) = definition(operands[0]).operation {
        return emit(.permute(order.map { first[$0] }), definition(operands[0]).operands[0])
      }
      // Moving axes of extent 1 moves no element.
      let moved = order.filter { types[0].shape[$0] > 1 }
      guard moved == moved.sorted() else { return permutedGather(operands[0], order) }
      return emit(.reshape(types[0].shape.permuted(order)), operands[0])
    case .convert(let number):
      return types[0].number == number ? operands[0] : nil
    case .reduce(_, let axes):
      return axes.allSatisfy { types[0].shape[$0] == 1 } ? operands[0] : nil
    case .slice(let ranges):
      let whole = zip(ranges, types[0].shape.extents).allSatisfy { $0.count == $1 }
      return whole ? operands[0] : nil
    case .pad(let paddings):
      return paddings.allSatisfy { $0 == Padding() } ? operands[0] : nil
    case .concatenate:
      if operands.count == 1 { return operands[0] }
      let parts = operands.flatMap { part in
        definition(part).operation == operation ? definition(part).operands : [part]
      }
      return parts.count == operands.count ? nil : emit(operation, parts)
    case .reverse(let axes):
      return axes.allSatisfy { types[0].shape[$0] == 1 } ? operands[0] : nil
    case .unary(.negate):
      let inner = definition(operands[0])
      return inner.operation == .unary(.negate) ? inner.operands[0] : nil
    case .binary(.add):
      return simplified(.add, operands[0], operands[1]) ?? joined(operands[0], operands[1])
        ?? gathered(operands[0], plus: operands[1]) ?? gathered(operands[1], plus: operands[0])
    case .binary(let binary):
      return simplified(binary, operands[0], operands[1])
    case .matrixProduct(transposeLeft: false, _):
      return gathered(operands[0]) { builder, table in
        builder.emit(operation, table, operands[1])
      }
    case .input, .parameter, .constant, .random, .unary, .compare, .select, .gather, .scatterAdd,
      .oneHot, .matrixProduct(transposeLeft: true, _), .convolution, .convolutionInputGradient,
      .convolutionFilterGradient, .maxPool, .poolGather, .poolScatter, .poolSum, .poolSpread,
      .scan, .composite:
      return nil
    }
  }

  /// Removes factors of 1; x + 0 stays, because -0 + 0 is 0.
  private mutating func simplified(_ binary: Binary, _ a: Value, _ b: Value) -> Value? {
    let (x, y) = (constantValue(a), constantValue(b))
    let type = type(of: a)
    if let x, let y { return constant(binary.apply(x, y, in: type.number), type) }
    if binary == .multiply && x == 1 { return b }
    if (binary == .multiply || binary == .divide) && y == 1 { return a }
    return nil
  }

  // MARK: Parts

  /// The sum of two parts of an axis, each with zeros in place of the other: both side by side.
  ///
  /// A -0 of a part stays, where the sum would make it 0.
  private mutating func joined(_ a: Value, _ b: Value) -> Value? {
    guard case .pad(let first) = definition(a).operation,
      case .pad(let second) = definition(b).operation, let axis = onlyAxis(first),
      axis == onlyAxis(second)
    else { return nil }
    let parts = (definition(a).operands[0], definition(b).operands[0])
    if first[axis].low > second[axis].low { return joined(b, a) }
    guard first[axis].low + shape(of: parts.0)[axis] == second[axis].low else { return nil }
    let both = emit(.concatenate(axis: axis), parts.0, parts.1)
    let padding = Padding(low: first[axis].low, high: second[axis].high)
    return emit(.pad(first.indices.map { $0 == axis ? padding : Padding() }), both)
  }

  /// The axis that has all the padding, none of it between elements.
  private func onlyAxis(_ paddings: [Padding]) -> Int? {
    let axes = paddings.indices.filter { paddings[$0] != Padding() }
    return axes.count == 1 && paddings[axes[0]].interior == 0 ? axes[0] : nil
  }

  // MARK: Rows of tables

  /// An operation on the rows of a table, taken before they are gathered where the table has fewer
  /// rows.
  private mutating func gathered(
    _ rows: Value, _ operation: (inout Builder, _ table: Value) -> Value
  ) -> Value? {
    guard let (table, indices) = smallTable(of: rows), shape(of: table).rank == 2
    else { return nil }
    return emit(.gather, operation(&self, table), indices)
  }

  /// The sum of gathered rows and one row.
  private mutating func gathered(_ rows: Value, plus other: Value) -> Value? {
    guard case .broadcast = definition(other).operation else { return nil }
    let row = definition(other).operands[0]
    guard shape(of: row).rank == 2, shape(of: row)[0] == 1 else { return nil }
    return gathered(rows) { builder, table in
      builder.add(table, builder.broadcast(row, builder.shape(of: table)))
    }
  }

  /// The table and the indices of gathered rows, if an operation is to be taken on the table: where
  /// the gathered rows are more, or where the table is computed once and is not too large.
  func smallTable(of rows: Value) -> (table: Value, indices: Value)? {
    guard definition(rows).operation == .gather else { return nil }
    let (table, indices) = (definition(rows).operands[0], definition(rows).operands[1])
    let count = shape(of: table)[0]
    let isSmall = gathersLast ? count <= 16_384 : count < shape(of: indices)[0]
    return isSmall ? (table, indices) : nil
  }

  /// Gathered rows whose first two axes change places: those of the indices do instead.
  private mutating func permutedGather(_ value: Value, _ order: [Int]) -> Value? {
    let reshaped = definition(value)
    guard order == [1, 0, 2], reshaped.operation == .reshape(shape(of: value)),
      case let gather = definition(reshaped.operands[0]), gather.operation == .gather,
      shape(of: gather.operands[0]).rank == 2,
      shape(of: gather.operands[0])[1] == shape(of: value)[2]
    else { return nil }
    let extents = shape(of: value).extents
    let indices = emit(.permute([1, 0]), reshape(gather.operands[1], [extents[0], extents[1]]))
    let rows = emit(.gather, gather.operands[0], reshape(indices, [extents[0] * extents[1]]))
    return reshape(rows, [extents[1], extents[0], extents[2]])
  }

  private func definition(_ value: Value) -> Instruction { instructions[value.index] }

  func constantValue(_ value: Value) -> Double? {
    if case .constant(let number) = definition(value).operation { number } else { nil }
  }
}

extension Binary {
  /// The result in a number type: int32 wraps around, floats are rounded.
  func apply(_ a: Double, _ b: Double, in number: NumberType) -> Double {
    guard number == .int32 else { return number.nearest(apply(a, b)) }
    let (x, y) = (Int32(a), Int32(b))
    return switch self {
    case .add: Double(x &+ y)
    case .subtract: Double(x &- y)
    case .multiply: Double(x &* y)
    case .maximum: Double(max(x, y))
    case .divide: preconditionFailure("int32 is not divided")
    }
  }

  package func apply(_ a: Double, _ b: Double) -> Double {
    switch self {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .divide: a / b
    // A NaN on either side stays one.
    case .maximum: a > b || a.isNaN ? a : b
    }
  }
}
