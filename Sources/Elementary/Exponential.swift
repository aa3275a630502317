extension ElementaryFunctions {
  /// e^x: infinite past the largest number, zero within a factor √2 of the least normal number.
  @inlinable @inline(always)
  package static func exp(_ x: Self) -> Self {
    let (r, half) = reduce(x)
    let power = (1 as Self).addingProduct(r, (1 as Self).addingProduct(r, exponentialTail(r)))
    return (power + power) * half
  }

  /// e^x - 1, accurate near zero.
  @inlinable @inline(always)
  package static func expMinusOne(_ x: Self) -> Self {
    let (r, half) = reduce(x)
    let tail = r.addingProduct(r * r, exponentialTail(r))
    let result = (half - 0.5).addingProduct(half, tail)
    return result + result
  }

  /// x = n ln(2) + r with |r| <= ln(2)/2, as r and 2^(n-1).
  ///
  /// Half the power, since the power itself overflows before e^x does.
  @inlinable @inline(always)
  static func reduce(_ x: Self) -> (r: Self, half: Self) {
    let x = clamp(x, exponentialLimits)
    let shifted = roundingShift.addingProduct(x, log2E)
    let n = shifted - roundingShift
    let r = x.addingProduct(-n, ln2.high).addingProduct(-n, ln2.low)
    return (r, halfPowerOfTwo(shifted: shifted))
  }
}
