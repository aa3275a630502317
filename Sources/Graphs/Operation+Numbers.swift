/// A set of number types that an operand or a result may have.
package enum NumberClass: Sendable {
  case any
  case float
  /// Types with sums and products: floats, and int32, which wraps around.
  case arithmetic
  case only(NumberType)
  /// The type of the operand with this index.
  case like(Int)

  fileprivate func contains(_ number: NumberType, _ operands: [TensorType]) -> Bool {
    switch self {
    case .any: true
    case .float: number.isFloat
    case .arithmetic: number.isFloat || number == .int32
    case .only(let only): number == only
    case .like(let operand): number == operands[operand].number
    }
  }

  fileprivate func reason(_ type: TensorType, _ operands: [TensorType]) -> String {
    switch self {
    case .any: "takes any numbers"
    case .float: "takes floats, not \(type)"
    case .arithmetic: "takes floats or int32, not \(type)"
    case .only(let only): "takes \(only), not \(type)"
    case .like: "takes equal types, not \(operands)"
    }
  }
}

/// The number types of the operands and the result of an operation.
struct NumberRule {
  /// One for each operand; the last also for all operands behind it.
  let operands: [NumberClass]
  /// For a leaf, the types that it may have.
  let result: NumberClass

  init(_ operands: [NumberClass], gives result: NumberClass = .like(0)) {
    self.operands = operands
    self.result = result
  }

  init(_ operands: NumberClass..., gives result: NumberClass = .like(0)) {
    self.init(operands, gives: result)
  }
}

extension Operation {
  /// The only table of number types: all other rules accept any type.
  private var numberRule: NumberRule {
    switch self {
    case .input, .constant: NumberRule(gives: .any)
    case .parameter: NumberRule(gives: .float)
    // With fewer digits, a number below 1 could round to 1.
    case .random: NumberRule(gives: .only(.float32))
    case .unary: NumberRule(.float)
    case .binary(.divide): NumberRule(.float, .like(0))
    case .binary: NumberRule(.arithmetic, .like(0))
    case .compare: NumberRule(.any, .like(0), gives: .only(.uint8))
    case .select: NumberRule(.only(.uint8), .any, .like(1), gives: .like(1))
    case .convert(let number): NumberRule(.any, gives: .only(number))
    case .reduce: NumberRule(.float)
    case .reshape, .permute, .broadcast, .slice, .pad, .reverse: NumberRule(.any)
    case .concatenate: NumberRule(.any, .like(0))
    case .gather: NumberRule(.any, .only(.int32))
    case .scatterAdd: NumberRule(.only(.int32), .float, gives: .like(1))
    case .oneHot: NumberRule(.only(.int32), gives: .only(.float32))
    case .matrixProduct, .convolution, .convolutionInputGradient, .convolutionFilterGradient:
      NumberRule(.float, .like(0))
    case .maxPool: NumberRule(.float)
    case .poolGather(let window), .poolScatter(let window, _, _):
      NumberRule(.only(window.indexType), .float, gives: .like(1))
    case .poolSum, .poolSpread: NumberRule(.float)
    // Its body says which numbers each operand and result has.
    case .scan: NumberRule(.any, gives: .any)
    case .composite(let composite): NumberRule(composite.definition.operands)
    }
  }

  /// Checks the number types of operands, or of a leaf, and returns that of the result.
  func resultNumber(
    of operands: [TensorType], leaf: TensorType
  ) throws(ProgramError) -> NumberType {
    let rule = numberRule
    for (place, operand) in operands.enumerated() {
      let expected = rule.operands[min(place, rule.operands.count - 1)]
      try require(
        expected.contains(operand.number, operands), expected.reason(operand, operands))
    }
    switch rule.result {
    case .only(let number) where !operands.isEmpty: return number
    case .like(let operand):
      try require(operands.indices.contains(operand), "has no gradient of operand \(operand)")
      return operands[operand].number
    default:
      try require(rule.result.contains(leaf.number, []), rule.result.reason(leaf, []))
      return leaf.number
    }
  }
}
