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
      // Moving axes of extent 1 moves no element.
      let moved = order.filter { types[0].shape[$0] > 1 }
      guard moved == moved.sorted() else { return nil }
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
      return operands.count == 1 ? operands[0] : nil
    case .reverse(let axes):
      return axes.allSatisfy { types[0].shape[$0] == 1 } ? operands[0] : nil
    case .unary(.negate):
      let inner = definition(operands[0])
      return inner.operation == .unary(.negate) ? inner.operands[0] : nil
    case .binary(let binary):
      return simplified(binary, operands[0], operands[1])
    case .input, .parameter, .constant, .random, .unary, .compare, .select, .gather, .scatterAdd,
      .oneHot, .matrixProduct, .convolution, .convolutionInputGradient,
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
