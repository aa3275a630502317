extension ElementaryFunctions {
  /// The hyperbolic tangent, accurate near zero; -1 and 1 at the infinities.
  @inlinable @inline(always)
  package static func tanh(_ x: Self) -> Self {
    let m = expMinusOne(2 * x.magnitude)
    let isSmall = m < 2
    let result = (isSmall ? 0 : 1) + (isSmall ? m : -2) / (m + 2)
    return Self(bitPattern: result.bitPattern | (x.bitPattern & signMask))
  }

  /// 1 / (1 + e^-x), accurate in both tails; zero where it would be subnormal.
  @inlinable @inline(always)
  package static func sigmoid(_ x: Self) -> Self {
    let e = exp(-x)
    return e >= 1 / leastNormalMagnitude ? 0 : 1 / (1 + e)
  }

  /// The error function 2/√π ∫₀ˣ e^(-t²) dt, accurate near zero; -1 and 1 at the infinities.
  @inlinable @inline(always)
  package static func erf(_ x: Self) -> Self {
    let a = x.magnitude
    let near = a.addingProduct(a, errorFunctionTail(a * a))
    // Beyond the limit erf rounds to 1.
    let far = 1 - exp(-complementExponent(a > errorFunctionLimit ? errorFunctionLimit : a))
    let result = a < 1 ? near : far
    return Self(bitPattern: result.bitPattern | (x.bitPattern & signMask))
  }

  @inlinable @inline(always)
  static var signMask: RawSignificand { (-0.0 as Self).bitPattern }
}
