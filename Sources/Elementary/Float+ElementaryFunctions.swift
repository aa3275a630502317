// Exact hexadecimal numbers: a decimal one could be rounded differently on another processor.
// The tails are minimax polynomials.

extension Float: ElementaryFunctions {
  @inlinable @inline(always)
  package static var roundingShift: Self { 0x1.8p23 }

  @inlinable @inline(always)
  package static var exponentialLimits: (low: Self, high: Self) { (-87.25, 89) }

  @inlinable @inline(always)
  package static var angleLimit: Self { 0x1p20 }

  @inlinable @inline(always)
  package static var errorFunctionLimit: Self { 4 }

  @inlinable @inline(always)
  package static var log2E: Self { 0x1.715476p0 }

  @inlinable @inline(always)
  package static var twoOverPi: Self { 0x1.45f306p-1 }

  @inlinable @inline(always)
  package static var ln2: (high: Self, low: Self) { (0x1.62e43p-1, -0x1.05c61p-29) }

  @inlinable @inline(always)
  package static var halfPi: (high: Self, middle: Self, low: Self) {
    (0x1.921fb6p0, -0x1.777a5cp-25, -0x1.ee59dap-50)
  }

  @inlinable @inline(always)
  package static func exponentialTail(_ r: Self) -> Self {
    var p: Self = 0x1.6d98ccp-10
    p = (0x1.1227d8p-7 as Self).addingProduct(p, r)
    p = (0x1.555488p-5 as Self).addingProduct(p, r)
    p = (0x1.5554bp-3 as Self).addingProduct(p, r)
    return (0x1.0p-1 as Self).addingProduct(p, r)
  }

  @inlinable @inline(always)
  package static func logarithmTail(_ z: Self) -> Self {
    var p: Self = 0x1.31e468p-2
    p = (0x1.995eaep-2 as Self).addingProduct(p, z)
    return (0x1.55557ap-1 as Self).addingProduct(p, z)
  }

  @inlinable @inline(always)
  package static func sineTail(_ z: Self) -> Self {
    var p: Self = -0x1.994e04p-13
    p = (0x1.11075ep-7 as Self).addingProduct(p, z)
    return (-0x1.555546p-3 as Self).addingProduct(p, z)
  }

  @inlinable @inline(always)
  package static func cosineTail(_ z: Self) -> Self {
    var p: Self = 0x1.9a01bap-16
    p = (-0x1.6c0c8ap-10 as Self).addingProduct(p, z)
    return (0x1.55554ap-5 as Self).addingProduct(p, z)
  }

  @inlinable @inline(always)
  package static func errorFunctionTail(_ z: Self) -> Self {
    var p: Self = 0x1.496a12p-14
    p = (-0x1.a3f71ep-11 as Self).addingProduct(p, z)
    p = (0x1.5405bep-8 as Self).addingProduct(p, z)
    p = (-0x1.b7f91p-6 as Self).addingProduct(p, z)
    p = (0x1.ce2cf8p-4 as Self).addingProduct(p, z)
    p = (-0x1.81273ep-2 as Self).addingProduct(p, z)
    return (0x1.06eba8p-3 as Self).addingProduct(p, z)
  }

  @inlinable @inline(always)
  package static func complementExponent(_ r: Self) -> Self {
    var p: Self = -0x1.86db1ep-13
    p = (0x1.825986p-9 as Self).addingProduct(p, r)
    p = (-0x1.65cacp-6 as Self).addingProduct(p, r)
    p = (0x1.a652e6p-4 as Self).addingProduct(p, r)
    p = (0x1.46baf8p-1 as Self).addingProduct(p, r)
    p = (0x1.2088e6p0 as Self).addingProduct(p, r)
    return (0x1.662c5ap-12 as Self).addingProduct(p, r)
  }
}
