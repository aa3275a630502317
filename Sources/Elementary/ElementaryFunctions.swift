/// A number type with elementary functions that give the same bits on every machine.
///
/// Every function is straight-line code of IEEE operations, each correctly rounded, so a loop over
/// it becomes vector code and no library version or processor can change a result.
/// NaN comes out where NaN goes in. No result is subnormal for a normal argument, so
/// flush-to-zero modes change nothing.
///
/// The requirements are what differs between number types: bits, constants and polynomials.
@usableFromInline
package protocol ElementaryFunctions: BinaryFloatingPoint
where RawSignificand: FixedWidthInteger {
  init(bitPattern: RawSignificand)
  var bitPattern: RawSignificand { get }

  /// 1.5 times a power of two so large that adding it rounds to an integer.
  static var roundingShift: Self { get }
  /// Past these arguments `exp` overflows or is below the least normal number.
  static var exponentialLimits: (low: Self, high: Self) { get }
  /// Up to this magnitude `sin` and `cos` reduce their argument without loss.
  static var angleLimit: Self { get }
  /// From this magnitude on `erf` rounds to 1.
  static var errorFunctionLimit: Self { get }

  static var log2E: Self { get }
  static var twoOverPi: Self { get }
  /// The natural logarithm of 2, in parts that add up to twice the precision.
  static var ln2: (high: Self, low: Self) { get }
  /// A quarter turn, in parts that add up to three times the precision.
  static var halfPi: (high: Self, middle: Self, low: Self) { get }

  /// (e^r - 1 - r) / r² for |r| <= ln(2)/2.
  static func exponentialTail(_ r: Self) -> Self
  /// (2 atanh(s)/s - 2) / s² for z = s², |s| <= 3 - 2√2.
  static func logarithmTail(_ z: Self) -> Self
  /// (sin(r) - r) / r³ for z = r², |r| <= π/4.
  static func sineTail(_ z: Self) -> Self
  /// (cos(r) - 1 + r²/2) / r⁴ for z = r², |r| <= π/4.
  static func cosineTail(_ z: Self) -> Self
  /// (erf(r) - r) / r for z = r², |r| <= 1.
  static func errorFunctionTail(_ z: Self) -> Self
  /// -log(1 - erf(r)) for 1 <= r <= `errorFunctionLimit`.
  static func complementExponent(_ r: Self) -> Self
}

extension ElementaryFunctions {
  /// The argument within limits; NaN passes.
  @inlinable @inline(always)
  static func clamp(_ x: Self, _ limits: (low: Self, high: Self)) -> Self {
    let y = x > limits.high ? limits.high : x
    return y < limits.low ? limits.low : y
  }

  /// 2^(n-1) for the integer n that was rounded by adding `roundingShift`; 0 for the least n.
  @inlinable @inline(always)
  static func halfPowerOfTwo(shifted: Self) -> Self {
    let n = shifted.bitPattern &- roundingShift.bitPattern
    let bias = (1 as RawSignificand) << (exponentBitCount - 1) &- 2
    return Self(bitPattern: (n &+ bias) &<< RawSignificand(significandBitCount))
  }
}
