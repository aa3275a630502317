extension ElementaryFunctions {
  /// The sine of an angle in radians; NaN past 10⁶ (Float) or 10⁹ (Double), never a wrong number.
  @inlinable @inline(always)
  package static func sin(_ x: Self) -> Self { wave(x, quarterTurns: 0) }

  /// The cosine of an angle in radians; NaN past 10⁶ (Float) or 10⁹ (Double).
  @inlinable @inline(always)
  package static func cos(_ x: Self) -> Self { wave(x, quarterTurns: 1) }

  /// sin(x + q π/2).
  @inlinable @inline(always)
  static func wave(_ x: Self, quarterTurns q: RawSignificand) -> Self {
    let shifted = roundingShift.addingProduct(x, twoOverPi)
    let n = shifted - roundingShift
    let r = x.addingProduct(-n, halfPi.high).addingProduct(-n, halfPi.middle)
      .addingProduct(-n, halfPi.low)
    let z = r * r
    let sine = r.addingProduct(r * z, sineTail(z))
    let cosine = (1 as Self).addingProduct(z, (-0.5 as Self).addingProduct(z, cosineTail(z)))

    let quadrant = shifted.bitPattern &+ q
    let value = quadrant & 1 == 0 ? sine : cosine
    let sign = (quadrant & 2) &<< RawSignificand(exponentBitCount + significandBitCount - 1)
    let result = Self(bitPattern: value.bitPattern ^ sign)
    return x.magnitude <= angleLimit ? result : .nan
  }
}
