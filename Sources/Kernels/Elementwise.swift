internal import CElementwise

/// A kernel that applies one operation to every element.
@safe package struct Elementwise: Sendable {
  /// Writes f(a, b, c) to y, which may be one of the operands; operands that f lacks are not read.
  package let run:
    @convention(c) (
      _ y: UnsafeMutableRawPointer, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer,
      _ c: UnsafeRawPointer, _ count: Int
    ) -> Void

  private init(_ kernel: elementwise_kernel) { unsafe run = kernel }

  // MARK: float32

  package static let negate = unsafe Self(elementwise_negate())
  package static let reciprocal = unsafe Self(elementwise_reciprocal())
  package static let exp = unsafe Self(elementwise_exp())
  package static let expm1 = unsafe Self(elementwise_expm1())
  package static let log = unsafe Self(elementwise_log())
  package static let log1p = unsafe Self(elementwise_log1p())
  package static let sqrt = unsafe Self(elementwise_sqrt())
  package static let tanh = unsafe Self(elementwise_tanh())
  package static let sigmoid = unsafe Self(elementwise_sigmoid())
  package static let erf = unsafe Self(elementwise_erf())

  package static let add = unsafe Self(elementwise_add())
  package static let subtract = unsafe Self(elementwise_subtract())
  package static let multiply = unsafe Self(elementwise_multiply())
  package static let divide = unsafe Self(elementwise_divide())
  /// The maximum; NaN if one of them is.
  package static let maximum = unsafe Self(elementwise_maximum())

  // MARK: int32, which wraps around

  package static let addIntegers = unsafe Self(elementwise_add_int32())
  package static let subtractIntegers = unsafe Self(elementwise_subtract_int32())
  package static let multiplyIntegers = unsafe Self(elementwise_multiply_int32())
  package static let maximumOfIntegers = unsafe Self(elementwise_maximum_int32())

  // MARK: All number types

  /// The type of an operand or a result.
  package enum Number: UInt32, CaseIterable, Sendable {
    case float32, int32, uint8, bfloat16

    fileprivate var type: ew_type { ew_type(rawValue: rawValue) }
  }

  // Comparisons write masks of bytes.

  package static func less(_ operands: Number) -> Self {
    unsafe Self(elementwise_less(operands.type))
  }
  package static func lessOrEqual(_ operands: Number) -> Self {
    unsafe Self(elementwise_less_or_equal(operands.type))
  }
  package static func equal(_ operands: Number) -> Self {
    unsafe Self(elementwise_equal(operands.type))
  }

  /// b where the mask a is not 0, else c.
  package static func select(_ results: Number) -> Self {
    unsafe Self(elementwise_select(results.type))
  }

  /// Floats become integers towards zero, and NaN becomes 0.
  ///
  /// Values out of range become the nearest integer. bfloat16 is the nearest, of two equally near
  /// ones the even one.
  package static func convert(_ operands: Number, to results: Number) -> Self {
    switch results {
    case .float32: unsafe Self(elementwise_float32(operands.type))
    case .int32: unsafe Self(elementwise_int32(operands.type))
    case .uint8: unsafe Self(elementwise_uint8(operands.type))
    case .bfloat16: unsafe Self(elementwise_bfloat16(operands.type))
    }
  }

  // MARK: Vectors

  /// Writes GELU of some elements and its derivatives, unless they are nil; either may overwrite x.
  package static func gelu(
    _ y: UnsafeMutablePointer<Float>?, slopes: UnsafeMutablePointer<Float>?,
    _ x: UnsafePointer<Float>, _ count: Int
  ) { unsafe elementwise_gelu(y, slopes, x, count) }

  /// Adds a vector to another in place: the sum of two shards.
  package static func accumulate(
    _ y: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, _ count: Int
  ) { unsafe add.run(y, y, x, x, count) }
}
