/// Comparisons, whose results are masks of bytes, and selection by a mask.
extension Elementwise {
  @specialized(where Number == Float)
  @specialized(where Number == Int32)
  @specialized(where Number == UInt8)
  @specialized(where Number == BFloat16)
  package static func less<Number: Comparable>(
    _ mask: UnsafeMutablePointer<UInt8>, _ a: StridedOperand, _ b: StridedOperand,
    of _: Number.Type, outer: Int, inner: Int
  ) { unsafe compare(mask, a, b, outer, inner) { (x: Number, y: Number) in x < y } }

  @specialized(where Number == Float)
  @specialized(where Number == Int32)
  @specialized(where Number == UInt8)
  @specialized(where Number == BFloat16)
  package static func lessOrEqual<Number: Comparable>(
    _ mask: UnsafeMutablePointer<UInt8>, _ a: StridedOperand, _ b: StridedOperand,
    of _: Number.Type, outer: Int, inner: Int
  ) { unsafe compare(mask, a, b, outer, inner) { (x: Number, y: Number) in x <= y } }

  @specialized(where Number == Float)
  @specialized(where Number == Int32)
  @specialized(where Number == UInt8)
  @specialized(where Number == BFloat16)
  package static func equal<Number: Comparable>(
    _ mask: UnsafeMutablePointer<UInt8>, _ a: StridedOperand, _ b: StridedOperand,
    of _: Number.Type, outer: Int, inner: Int
  ) { unsafe compare(mask, a, b, outer, inner) { (x: Number, y: Number) in x == y } }

  // MARK: Choices

  /// a where the mask is not 0, else b.
  @specialized(where Number == Float)
  @specialized(where Number == Int32)
  @specialized(where Number == UInt8)
  @specialized(where Number == BFloat16)
  package static func select<Number>(
    _ y: UnsafeMutablePointer<Number>, _ mask: UnsafePointer<UInt8>, _ a: StridedOperand,
    _ b: StridedOperand, outer: Int, inner: Int
  ) {
    for o in 0..<outer {
      let (y, mask) = unsafe (y + o * inner, mask + o * inner)
      let (p, q) = unsafe (a.row(o, Number.self), b.row(o, Number.self))
      switch (a.innerStride, b.innerStride) {
      case (0, 0):
        let (p, q) = unsafe (p[0], q[0])
        for i in 0..<inner { unsafe y[i] = mask[i] != 0 ? p : q }
      case (0, _):
        let p = unsafe p[0]
        if unsafe UnsafePointer(y) == q {
          for i in 0..<inner { unsafe y[i] = mask[i] != 0 ? p : y[i] }
        } else {
          for i in 0..<inner { unsafe y[i] = mask[i] != 0 ? p : q[i] }
        }
      case (_, 0):
        let q = unsafe q[0]
        if unsafe UnsafePointer(y) == p {
          for i in 0..<inner { unsafe y[i] = mask[i] != 0 ? y[i] : q }
        } else {
          for i in 0..<inner { unsafe y[i] = mask[i] != 0 ? p[i] : q }
        }
      default:
        if unsafe UnsafePointer(y) == p {
          for i in 0..<inner { unsafe y[i] = mask[i] != 0 ? y[i] : q[i] }
        } else if unsafe UnsafePointer(y) == q {
          for i in 0..<inner { unsafe y[i] = mask[i] != 0 ? p[i] : y[i] }
        } else {
          for i in 0..<inner { unsafe y[i] = mask[i] != 0 ? p[i] : q[i] }
        }
      }
    }
  }

  @inline(__always)
  private static func compare<Number>(
    _ mask: UnsafeMutablePointer<UInt8>, _ a: StridedOperand, _ b: StridedOperand, _ outer: Int,
    _ inner: Int, _ holds: (Number, Number) -> Bool
  ) {
    for o in 0..<outer {
      let mask = unsafe mask + o * inner
      let (p, q) = unsafe (a.row(o, Number.self), b.row(o, Number.self))
      switch (a.innerStride, b.innerStride) {
      case (0, 0):
        unsafe mask.update(repeating: holds(p[0], q[0]) ? 1 : 0, count: inner)
      case (0, _):
        let p = unsafe p[0]
        for i in 0..<inner { unsafe mask[i] = holds(p, q[i]) ? 1 : 0 }
      case (_, 0):
        let q = unsafe q[0]
        for i in 0..<inner { unsafe mask[i] = holds(p[i], q) ? 1 : 0 }
      default:
        for i in 0..<inner { unsafe mask[i] = holds(p[i], q[i]) ? 1 : 0 }
      }
    }
  }
}
