// Exact hexadecimal numbers: a decimal one could be rounded differently on another processor.
// The tails are minimax polynomials.

extension Double: ElementaryFunctions {
  @inlinable @inline(always)
  package static var roundingShift: Self { 0x1.8p52 }

  @inlinable @inline(always)
  package static var exponentialLimits: (low: Self, high: Self) { (-708.5, 710) }

  @inlinable @inline(always)
  package static var angleLimit: Self { 0x1p30 }

  @inlinable @inline(always)
  package static var errorFunctionLimit: Self { 6 }

  @inlinable @inline(always)
  package static var log2E: Self { 0x1.71547652b82fep0 }

  @inlinable @inline(always)
  package static var twoOverPi: Self { 0x1.45f306dc9c883p-1 }

  @inlinable @inline(always)
  package static var ln2: (high: Self, low: Self) { (0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56) }

  @inlinable @inline(always)
  package static var halfPi: (high: Self, middle: Self, low: Self) {
    (0x1.921fb54442d18p0, 0x1.1a62633145c07p-54, -0x1.f1976b7ed8fbcp-110)
  }

  @inlinable @inline(always)
  package static func exponentialTail(_ r: Self) -> Self {
    var p: Self = 0x1.af768468f4b9dp-26
    p = (0x1.28a28494c4808p-22 as Self).addingProduct(p, r)
    p = (0x1.71ddea20d352cp-19 as Self).addingProduct(p, r)
    p = (0x1.a019a6b13783bp-16 as Self).addingProduct(p, r)
    p = (0x1.a01a01b5caae4p-13 as Self).addingProduct(p, r)
    p = (0x1.6c16c17f26e6p-10 as Self).addingProduct(p, r)
    p = (0x1.111111110e7p-7 as Self).addingProduct(p, r)
    p = (0x1.5555555552143p-5 as Self).addingProduct(p, r)
    p = (0x1.555555555555cp-3 as Self).addingProduct(p, r)
    return (0x1.0000000000005p-1 as Self).addingProduct(p, r)
  }

  @inlinable @inline(always)
  package static func logarithmTail(_ z: Self) -> Self {
    var p: Self = 0x1.2f08bca8bd177p-3
    p = (0x1.39a16a4f4b176p-3 as Self).addingProduct(p, z)
    p = (0x1.746641d531a81p-3 as Self).addingProduct(p, z)
    p = (0x1.c71c51fc1ba83p-3 as Self).addingProduct(p, z)
    p = (0x1.24924942001bdp-2 as Self).addingProduct(p, z)
    p = (0x1.999999997fcc4p-2 as Self).addingProduct(p, z)
    return (0x1.5555555555593p-1 as Self).addingProduct(p, z)
  }

  @inlinable @inline(always)
  package static func sineTail(_ z: Self) -> Self {
    var p: Self = 0x1.5d92d40c3c902p-33
    p = (-0x1.ae5e65a626054p-26 as Self).addingProduct(p, z)
    p = (0x1.71de35770270fp-19 as Self).addingProduct(p, z)
    p = (-0x1.a01a019c10d6p-13 as Self).addingProduct(p, z)
    p = (0x1.111111110f875p-7 as Self).addingProduct(p, z)
    return (-0x1.5555555555549p-3 as Self).addingProduct(p, z)
  }

  @inlinable @inline(always)
  package static func cosineTail(_ z: Self) -> Self {
    var p: Self = -0x1.8fae6a7cf8349p-37
    p = (0x1.1ee9eb8c8e44ap-29 as Self).addingProduct(p, z)
    p = (-0x1.27e4f8096e88p-22 as Self).addingProduct(p, z)
    p = (0x1.a01a019cb112ep-16 as Self).addingProduct(p, z)
    p = (-0x1.6c16c16c15177p-10 as Self).addingProduct(p, z)
    return (0x1.555555555554cp-5 as Self).addingProduct(p, z)
  }

  @inlinable @inline(always)
  package static func errorFunctionTail(_ z: Self) -> Self {
    var p: Self = -0x1.abae353b8c9f6p-31
    p = (0x1.d71b21cf3dcd1p-27 as Self).addingProduct(p, z)
    p = (-0x1.5c072df7c0e9ep-23 as Self).addingProduct(p, z)
    p = (0x1.b97fd5d5cea58p-20 as Self).addingProduct(p, z)
    p = (-0x1.f4ca4dbca9a02p-17 as Self).addingProduct(p, z)
    p = (0x1.f9a2bab00ed8ep-14 as Self).addingProduct(p, z)
    p = (-0x1.c02db03e3cd72p-11 as Self).addingProduct(p, z)
    p = (0x1.565bccf92eaadp-8 as Self).addingProduct(p, z)
    p = (-0x1.b82ce311fab6fp-6 as Self).addingProduct(p, z)
    p = (0x1.ce2f21a040d21p-4 as Self).addingProduct(p, z)
    p = (-0x1.812746b0379bdp-2 as Self).addingProduct(p, z)
    return (0x1.06eba8214db68p-3 as Self).addingProduct(p, z)
  }

  @inlinable @inline(always)
  package static func complementExponent(_ r: Self) -> Self {
    var p: Self = 0x1.5ac3872ef6ae8p-38
    p = (-0x1.c1a0a2584358cp-33 as Self).addingProduct(p, r)
    p = (0x1.0e53a1270d319p-28 as Self).addingProduct(p, r)
    p = (-0x1.8eba118a74cadp-25 as Self).addingProduct(p, r)
    p = (0x1.90cb2de184103p-22 as Self).addingProduct(p, r)
    p = (-0x1.1e9f441d5788fp-19 as Self).addingProduct(p, r)
    p = (0x1.22cc955f9c77dp-17 as Self).addingProduct(p, r)
    p = (-0x1.7edd65ebff373p-16 as Self).addingProduct(p, r)
    p = (0x1.53f1499a4d0b8p-16 as Self).addingProduct(p, r)
    p = (0x1.1b3ce5cd3facp-13 as Self).addingProduct(p, r)
    p = (-0x1.940b74161d3ebp-11 as Self).addingProduct(p, r)
    p = (0x1.f641903766214p-10 as Self).addingProduct(p, r)
    p = (-0x1.ae959eac98061p-12 as Self).addingProduct(p, r)
    p = (-0x1.37228f36faa0dp-6 as Self).addingProduct(p, r)
    p = (0x1.a4ac5bfa9fc95p-4 as Self).addingProduct(p, r)
    p = (0x1.45f627594d478p-1 as Self).addingProduct(p, r)
    p = (0x1.20dd1fd388a4fp0 as Self).addingProduct(p, r)
    return (0x1.0df7d75dd4a66p-21 as Self).addingProduct(p, r)
  }
}
