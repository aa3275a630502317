internal import Graphs
internal import Kernels

/// The table from elementwise operations to their kernels.
extension Elementwise {
  init(_ operation: Operation, of number: NumberType) {
    self =
      switch operation {
      case .unary(let unary): Elementwise(unary)
      case .binary(let binary):
        number == .int32 ? Elementwise(ofIntegers: binary) : Elementwise(binary)
      case .compare(let comparison): Elementwise(comparison, of: Number(number))
      case .select: .select(Number(number))
      case .convert(let target): .convert(Number(number), to: Number(target))
      default: preconditionFailure("\(operation) is not elementwise")
      }
  }

  private init(_ unary: Unary) {
    self =
      switch unary {
      case .negate: .negate
      case .reciprocal: .reciprocal
      case .exp: .exp
      case .expm1: .expm1
      case .log: .log
      case .log1p: .log1p
      case .sqrt: .sqrt
      case .tanh: .tanh
      case .sigmoid: .sigmoid
      case .erf: .erf
      }
  }

  private init(_ binary: Binary) {
    self =
      switch binary {
      case .add: .add
      case .subtract: .subtract
      case .multiply: .multiply
      case .divide: .divide
      case .maximum: .maximum
      }
  }

  private init(ofIntegers binary: Binary) {
    self =
      switch binary {
      case .add: .addIntegers
      case .subtract: .subtractIntegers
      case .multiply: .multiplyIntegers
      case .maximum: .maximumOfIntegers
      case .divide: preconditionFailure("int32 is not divided")
      }
  }

  private init(_ comparison: Comparison, of number: Number) {
    self =
      switch comparison {
      case .less: .less(number)
      case .lessOrEqual: .lessOrEqual(number)
      case .equal: .equal(number)
      }
  }
}

extension Elementwise.Number {
  fileprivate init(_ number: NumberType) {
    self =
      switch number {
      case .float32: .float32
      case .int32: .int32
      case .uint8: .uint8
      case .bfloat16: .bfloat16
      }
  }
}

extension Operation {
  var isElementwise: Bool {
    switch self {
    case .unary, .binary, .compare, .select, .convert: true
    default: false
    }
  }
}

extension NumberType {
  /// Writes `count` elements of this type.
  func fill(_ memory: UnsafeMutableRawPointer, with value: Double, _ count: Int) {
    switch self {
    case .float32: unsafe memory.fill(with: Float(value), count)
    case .int32: unsafe memory.fill(with: Int32(value), count)
    case .uint8: unsafe memory.fill(with: UInt8(value), count)
    case .bfloat16: unsafe memory.fill(with: BFloat16(Float(value)), count)
    }
  }
}

extension UnsafeMutableRawPointer {
  func fill<Number>(with value: Number, _ count: Int) {
    unsafe assumingMemoryBound(to: Number.self).update(repeating: value, count: count)
  }
}
