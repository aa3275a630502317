extension ElementaryFunctions {
  /// The natural logarithm: -infinity at zero, NaN below.
  ///
  /// Subnormal numbers count as zero.
  @inlinable @inline(always)
  package static func log(_ x: Self) -> Self {
    // x = 2^e m with √½ <= m < √2: past an offset the exponent field counts e.
    let width = RawSignificand(significandBitCount)
    let one = (1 as Self).bitPattern
    let root = (0x1.6a0ap-1 as Self).bitPattern
    let bits = x.bitPattern &+ (one &- root)
    let e = integer(bits &>> width) - integer(one &>> width)
    let m = Self(bitPattern: bits & ((1 &<< width) &- 1) &+ root)

    // log(1 + f) = 2 atanh(s), and 2s = f - s f with only one rounding in the product.
    let f = m - 1
    let s = f / (m + 1)
    let z = s * s
    let small = f + (s * (z * logarithmTail(z) - f)).addingProduct(e, ln2.low)
    let result = small.addingProduct(e, ln2.high)

    let least = leastNormalMagnitude
    let outside: Self = x > -least ? -.infinity : .nan
    return x < least ? outside : (x < .infinity ? result : x)
  }

  /// log(1 + x), accurate near zero.
  @inlinable @inline(always)
  package static func logOnePlus(_ x: Self) -> Self {
    // What rounding 1 + x lost, exactly, comes back through the derivative.
    let sum = 1 + x
    let added = sum - 1
    let lost = (1 - (sum - added)) + (x - added)
    let correction = sum > 0 && sum < .infinity ? lost / sum : 0
    return log(sum) + correction
  }

  /// A small non-negative integer as a number, by placing it in a significand.
  @inlinable @inline(always)
  static func integer(_ n: RawSignificand) -> Self {
    Self(bitPattern: roundingShift.bitPattern &+ n) - roundingShift
  }
}
