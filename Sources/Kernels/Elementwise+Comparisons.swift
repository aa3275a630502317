/// Comparisons, which make masks of bytes, and choices by a mask.
extension Elementwise {
  package static func less(
    _ mask: UnsafeMutablePointer<UInt8>, _ a: StridedOperand, _ b: StridedOperand, outer: Int,
    inner: Int
  ) { unsafe compare(mask, a, b, outer, inner) { $0 < $1 } }

  package static func lessOrEqual(
    _ mask: UnsafeMutablePointer<UInt8>, _ a: StridedOperand, _ b: StridedOperand, outer: Int,
    inner: Int
  ) { unsafe compare(mask, a, b, outer, inner) { $0 <= $1 } }

  package static func equal(
    _ mask: UnsafeMutablePointer<UInt8>, _ a: StridedOperand, _ b: StridedOperand, outer: Int,
    inner: Int
  ) { unsafe compare(mask, a, b, outer, inner) { $0 == $1 } }

  @specialized(where Number == Int32)
  @specialized(where Number == UInt8)
  package static func less<Number: FixedWidthInteger>(
    _ mask: UnsafeMutablePointer<UInt8>, _ a: UnsafePointer<Number>, _ b: UnsafePointer<Number>,
    _ n: Int
  ) {
    for i in 0..<n { unsafe mask[i] = a[i] < b[i] ? 1 : 0 }
  }

  @specialized(where Number == Int32)
  @specialized(where Number == UInt8)
  package static func lessOrEqual<Number: FixedWidthInteger>(
    _ mask: UnsafeMutablePointer<UInt8>, _ a: UnsafePointer<Number>, _ b: UnsafePointer<Number>,
    _ n: Int
  ) {
    for i in 0..<n { unsafe mask[i] = a[i] <= b[i] ? 1 : 0 }
  }

  @specialized(where Number == Int32)
  @specialized(where Number == UInt8)
  package static func equal<Number: FixedWidthInteger>(
    _ mask: UnsafeMutablePointer<UInt8>, _ a: UnsafePointer<Number>, _ b: UnsafePointer<Number>,
    _ n: Int
  ) {
    for i in 0..<n { unsafe mask[i] = a[i] == b[i] ? 1 : 0 }
  }

  // MARK: Choices

  /// a where the mask is not 0, else b.
  package static func select(
    _ y: Destination, _ mask: UnsafePointer<UInt8>, _ a: StridedOperand, _ b: StridedOperand,
    outer: Int, inner: Int
  ) {
    for o in 0..<outer {
      let (y, mask) = unsafe (y + o * inner, mask + o * inner)
      let (p, q) = unsafe (a.pointer + o * a.outerStride, b.pointer + o * b.outerStride)
      switch (a.innerStride, b.innerStride) {
      case (0, 0):
        let (p, q) = unsafe (p[0], q[0])
        for i in 0..<inner { unsafe y[i] = mask[i] != 0 ? p : q }
      case (0, _):
        let p = unsafe p[0]
        if unsafe Source(y) == q {
          for i in 0..<inner { unsafe y[i] = mask[i] != 0 ? p : y[i] }
        } else {
          for i in 0..<inner { unsafe y[i] = mask[i] != 0 ? p : q[i] }
        }
      case (_, 0):
        let q = unsafe q[0]
        if unsafe Source(y) == p {
          for i in 0..<inner { unsafe y[i] = mask[i] != 0 ? y[i] : q }
        } else {
          for i in 0..<inner { unsafe y[i] = mask[i] != 0 ? p[i] : q }
        }
      default:
        if unsafe Source(y) == p {
          for i in 0..<inner { unsafe y[i] = mask[i] != 0 ? y[i] : q[i] }
        } else if unsafe Source(y) == q {
          for i in 0..<inner { unsafe y[i] = mask[i] != 0 ? p[i] : y[i] }
        } else {
          for i in 0..<inner { unsafe y[i] = mask[i] != 0 ? p[i] : q[i] }
        }
      }
    }
  }

  /// The same for elements of which only the bits matter.
  @specialized(where Number == Int32)
  @specialized(where Number == UInt8)
  package static func select<Number: FixedWidthInteger>(
    _ y: UnsafeMutablePointer<Number>, _ mask: UnsafePointer<UInt8>, _ a: UnsafePointer<Number>,
    _ b: UnsafePointer<Number>, _ n: Int
  ) {
    for i in 0..<n { unsafe y[i] = mask[i] != 0 ? a[i] : b[i] }
  }

  @inline(__always)
  private static func compare(
    _ mask: UnsafeMutablePointer<UInt8>, _ a: StridedOperand, _ b: StridedOperand, _ outer: Int,
    _ inner: Int, _ holds: (Float, Float) -> Bool
  ) {
    for o in 0..<outer {
      let mask = unsafe mask + o * inner
      let (p, q) = unsafe (a.pointer + o * a.outerStride, b.pointer + o * b.outerStride)
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
