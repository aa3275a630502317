extension Instruction {
  /// Whether an engine with few digits rounds the result: whether it computes real numbers, and
  /// does not only choose or move them.
  var isRounded: Bool { type.number.isFloat && operation.isRounded }
}

extension Operation {
  fileprivate var isRounded: Bool {
    switch self {
    case .input, .parameter, .random, .unary(.negate), .binary(.maximum), .compare, .select,
      .convert, .reduce(.maximum, _), .reshape, .permute, .broadcast, .slice, .pad, .concatenate,
      .reverse, .gather, .oneHot, .maxPool, .poolGather:
      false
    case .constant(let value):
      Double(Float(value)) != value
    case .unary, .binary, .reduce(.sum, _), .scatterAdd, .matrixProduct, .convolution,
      .convolutionInputGradient, .convolutionFilterGradient, .poolScatter, .poolSum, .poolSpread,
      .composite:
      true
    }
  }
}
