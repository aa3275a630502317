internal import Graphs
internal import Kernels

/// A constant in memory.
@safe final class ConstantCell: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer

  init(_ value: Double, _ number: NumberType) {
    unsafe pointer = .allocate(byteCount: number.size, alignment: number.size)
    unsafe number.fill(pointer, with: value, 1)
  }

  deinit { unsafe pointer.deallocate() }
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
  fileprivate func fill<Number>(with value: Number, _ count: Int) {
    unsafe assumingMemoryBound(to: Number.self).update(repeating: value, count: count)
  }
}

/// The table from elementwise operations to their kernels.
extension Elementwise {
  static func apply(_ unary: Unary, _ y: Destination, _ x: Source, _ count: Int) {
    switch unary {
    case .negate: unsafe negate(y, x, count)
    case .reciprocal: unsafe reciprocal(y, x, count)
    case .exp: unsafe exp(y, x, count)
    case .expm1: unsafe expm1(y, x, count)
    case .log: unsafe log(y, x, count)
    case .log1p: unsafe log1p(y, x, count)
    case .sqrt: unsafe sqrt(y, x, count)
    case .tanh: unsafe tanh(y, x, count)
    case .sigmoid: unsafe sigmoid(y, x, count)
    case .erf: unsafe erf(y, x, count)
    }
  }

  static func apply(
    _ binary: Binary, _ y: Destination, _ a: StridedOperand, _ b: StridedOperand, outer: Int,
    inner: Int
  ) {
    switch binary {
    case .add: unsafe add(y, a, b, outer: outer, inner: inner)
    case .subtract: unsafe subtract(y, a, b, outer: outer, inner: inner)
    case .multiply: unsafe multiply(y, a, b, outer: outer, inner: inner)
    case .divide: unsafe divide(y, a, b, outer: outer, inner: inner)
    case .maximum: unsafe maximum(y, a, b, outer: outer, inner: inner)
    }
  }

  /// int32 has all operations but division.
  static func apply(
    _ binary: Binary, _ y: Integers, _ a: StridedOperand, _ b: StridedOperand, outer: Int,
    inner: Int
  ) {
    switch binary {
    case .add: unsafe add(y, a, b, outer: outer, inner: inner)
    case .subtract: unsafe subtract(y, a, b, outer: outer, inner: inner)
    case .multiply: unsafe multiply(y, a, b, outer: outer, inner: inner)
    case .maximum: unsafe maximum(y, a, b, outer: outer, inner: inner)
    case .divide: preconditionFailure("int32 is not divided")
    }
  }

  static func apply(
    _ comparison: Comparison, of number: NumberType, _ mask: UnsafeMutablePointer<UInt8>,
    _ a: StridedOperand, _ b: StridedOperand, outer: Int, inner: Int
  ) {
    func apply<Number: Comparable>(_ number: Number.Type) {
      switch comparison {
      case .less: unsafe less(mask, a, b, of: number, outer: outer, inner: inner)
      case .lessOrEqual: unsafe lessOrEqual(mask, a, b, of: number, outer: outer, inner: inner)
      case .equal: unsafe equal(mask, a, b, of: number, outer: outer, inner: inner)
      }
    }
    switch number {
    case .float32: apply(Float.self)
    case .int32: apply(Int32.self)
    case .uint8: apply(UInt8.self)
    case .bfloat16: apply(BFloat16.self)
    }
  }

  static func select(
    of number: NumberType, _ y: UnsafeMutableRawPointer, _ mask: UnsafePointer<UInt8>,
    _ a: StridedOperand, _ b: StridedOperand, outer: Int, inner: Int
  ) {
    func choose<Number>(_: Number.Type) {
      unsafe select(
        y.assumingMemoryBound(to: Number.self), mask, a, b, outer: outer, inner: inner)
    }
    switch number {
    case .float32: choose(Float.self)
    case .int32: choose(Int32.self)
    case .uint8: choose(UInt8.self)
    case .bfloat16: choose(BFloat16.self)
    }
  }

  static func convert(
    from source: NumberType, _ x: UnsafeRawPointer, to target: NumberType,
    _ y: UnsafeMutableRawPointer, _ count: Int
  ) {
    func from<Number>(_: Number.Type) -> UnsafePointer<Number> {
      unsafe x.assumingMemoryBound(to: Number.self)
    }
    func to<Number>(_: Number.Type) -> UnsafeMutablePointer<Number> {
      unsafe y.assumingMemoryBound(to: Number.self)
    }
    switch (source, target) {
    case (.int32, .float32): unsafe convert(to(Float.self), from(Int32.self), count)
    case (.uint8, .float32): unsafe convert(to(Float.self), from(UInt8.self), count)
    case (.bfloat16, .float32): unsafe convert(to(Float.self), from(BFloat16.self), count)
    case (.float32, .bfloat16): unsafe convert(to(BFloat16.self), from(Float.self), count)
    case (.int32, .bfloat16): unsafe convert(to(BFloat16.self), from(Int32.self), count)
    case (.uint8, .bfloat16): unsafe convert(to(BFloat16.self), from(UInt8.self), count)
    case (.float32, .int32): unsafe truncate(to(Int32.self), from(Float.self), count)
    case (.bfloat16, .int32): unsafe truncate(to(Int32.self), from(BFloat16.self), count)
    case (.uint8, .int32): unsafe convert(to(Int32.self), from(UInt8.self), count)
    case (.float32, .uint8): unsafe truncate(to(UInt8.self), from(Float.self), count)
    case (.bfloat16, .uint8): unsafe truncate(to(UInt8.self), from(BFloat16.self), count)
    case (.int32, .uint8): unsafe convert(to(UInt8.self), from(Int32.self), count)
    case (.float32, .float32), (.int32, .int32), (.uint8, .uint8), (.bfloat16, .bfloat16):
      preconditionFailure("no type becomes itself")
    }
  }
}
