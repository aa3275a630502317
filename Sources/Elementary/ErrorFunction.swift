extension ElementaryFunctions {
  /// The error function 2/√π ∫₀ˣ e^(-t²) dt, accurate near zero; -1 and 1 at the infinities.
  @inlinable @inline(always)
  package static func erf(_ x: Self) -> Self {
    let a = x.magnitude
    let near = a.addingProduct(a, errorFunctionTail(a * a))
    // Past the limit 1 is the nearest number.
    let far = 1 - exp(-complementExponent(a > errorFunctionLimit ? errorFunctionLimit : a))
    let result = a < 1 ? near : far
    return Self(bitPattern: result.bitPattern | (x.bitPattern & signMask))
  }
}
