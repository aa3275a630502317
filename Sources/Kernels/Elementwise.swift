internal import Elementary

/// An operand of an elementwise kernel over `outer * inner` elements: element (o, i) is at
/// `pointer[o * outerStride + i * innerStride]`, where the inner stride is 0 or 1.
package struct StridedOperand {
  package let pointer: UnsafePointer<Float>
  package let outerStride: Int
  package let innerStride: Int

  package init(_ pointer: UnsafePointer<Float>, outerStride: Int, innerStride: Int) {
    self.pointer = pointer
    self.outerStride = outerStride
    self.innerStride = innerStride
  }
}

/// Loops that treat every element alike. A destination may be one of the operands.
package enum Elementwise {
  package typealias Destination = UnsafeMutablePointer<Float>
  package typealias Source = UnsafePointer<Float>

  // MARK: One operand

  package static func negate(_ y: Destination, _ x: Source, _ n: Int) { map(y, x, n) { -$0 } }
  package static func reciprocal(_ y: Destination, _ x: Source, _ n: Int) { map(y, x, n) { 1 / $0 } }
  package static func exp(_ y: Destination, _ x: Source, _ n: Int) { map(y, x, n) { .exp($0) } }
  package static func log(_ y: Destination, _ x: Source, _ n: Int) { map(y, x, n) { .log($0) } }
  package static func sqrt(_ y: Destination, _ x: Source, _ n: Int) {
    map(y, x, n) { $0.squareRoot() }
  }
  package static func tanh(_ y: Destination, _ x: Source, _ n: Int) { map(y, x, n) { .tanh($0) } }
  package static func sigmoid(_ y: Destination, _ x: Source, _ n: Int) {
    map(y, x, n) { .sigmoid($0) }
  }

  // MARK: Two operands

  package static func add(
    _ y: Destination, _ a: StridedOperand, _ b: StridedOperand, outer: Int, inner: Int
  ) { map(y, a, b, outer, inner) { $0 + $1 } }

  package static func subtract(
    _ y: Destination, _ a: StridedOperand, _ b: StridedOperand, outer: Int, inner: Int
  ) { map(y, a, b, outer, inner) { $0 - $1 } }

  package static func multiply(
    _ y: Destination, _ a: StridedOperand, _ b: StridedOperand, outer: Int, inner: Int
  ) { map(y, a, b, outer, inner) { $0 * $1 } }

  package static func divide(
    _ y: Destination, _ a: StridedOperand, _ b: StridedOperand, outer: Int, inner: Int
  ) { map(y, a, b, outer, inner) { $0 / $1 } }

  /// The greater of both; a NaN on either side stays one.
  package static func maximum(
    _ y: Destination, _ a: StridedOperand, _ b: StridedOperand, outer: Int, inner: Int
  ) { map(y, a, b, outer, inner) { $0 > $1 || $0 != $0 ? $0 : $1 } }

  // MARK: Comparisons, which make a mask of bytes

  package static func less(
    _ mask: UnsafeMutablePointer<UInt8>, _ a: StridedOperand, _ b: StridedOperand, outer: Int,
    inner: Int
  ) { compare(mask, a, b, outer, inner) { $0 < $1 } }

  package static func lessOrEqual(
    _ mask: UnsafeMutablePointer<UInt8>, _ a: StridedOperand, _ b: StridedOperand, outer: Int,
    inner: Int
  ) { compare(mask, a, b, outer, inner) { $0 <= $1 } }

  package static func equal(
    _ mask: UnsafeMutablePointer<UInt8>, _ a: StridedOperand, _ b: StridedOperand, outer: Int,
    inner: Int
  ) { compare(mask, a, b, outer, inner) { $0 == $1 } }

  @specialized(where Number == Int32)
  @specialized(where Number == UInt8)
  package static func less<Number: FixedWidthInteger>(
    _ mask: UnsafeMutablePointer<UInt8>, _ a: UnsafePointer<Number>, _ b: UnsafePointer<Number>,
    _ n: Int
  ) {
    for i in 0..<n { mask[i] = a[i] < b[i] ? 1 : 0 }
  }

  @specialized(where Number == Int32)
  @specialized(where Number == UInt8)
  package static func lessOrEqual<Number: FixedWidthInteger>(
    _ mask: UnsafeMutablePointer<UInt8>, _ a: UnsafePointer<Number>, _ b: UnsafePointer<Number>,
    _ n: Int
  ) {
    for i in 0..<n { mask[i] = a[i] <= b[i] ? 1 : 0 }
  }

  @specialized(where Number == Int32)
  @specialized(where Number == UInt8)
  package static func equal<Number: FixedWidthInteger>(
    _ mask: UnsafeMutablePointer<UInt8>, _ a: UnsafePointer<Number>, _ b: UnsafePointer<Number>,
    _ n: Int
  ) {
    for i in 0..<n { mask[i] = a[i] == b[i] ? 1 : 0 }
  }

  // MARK: Choices

  /// a where the mask is not 0, else b.
  package static func select(
    _ y: Destination, _ mask: UnsafePointer<UInt8>, _ a: StridedOperand, _ b: StridedOperand,
    outer: Int, inner: Int
  ) {
    for o in 0..<outer {
      let (y, mask) = (y + o * inner, mask + o * inner)
      let (p, q) = (a.pointer + o * a.outerStride, b.pointer + o * b.outerStride)
      switch (a.innerStride, b.innerStride) {
      case (0, 0):
        let (p, q) = (p[0], q[0])
        for i in 0..<inner { y[i] = mask[i] != 0 ? p : q }
      case (0, _):
        let p = p[0]
        if Source(y) == q {
          for i in 0..<inner { y[i] = mask[i] != 0 ? p : y[i] }
        } else {
          for i in 0..<inner { y[i] = mask[i] != 0 ? p : q[i] }
        }
      case (_, 0):
        let q = q[0]
        if Source(y) == p {
          for i in 0..<inner { y[i] = mask[i] != 0 ? y[i] : q }
        } else {
          for i in 0..<inner { y[i] = mask[i] != 0 ? p[i] : q }
        }
      default:
        if Source(y) == p {
          for i in 0..<inner { y[i] = mask[i] != 0 ? y[i] : q[i] }
        } else if Source(y) == q {
          for i in 0..<inner { y[i] = mask[i] != 0 ? p[i] : y[i] }
        } else {
          for i in 0..<inner { y[i] = mask[i] != 0 ? p[i] : q[i] }
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
    for i in 0..<n { y[i] = mask[i] != 0 ? a[i] : b[i] }
  }

  // MARK: Conversions and constants

  package static func fill(_ y: Destination, with value: Float, _ n: Int) {
    y.update(repeating: value, count: n)
  }

  /// Adds a vector to another in place: the sum of two shards.
  package static func accumulate(_ y: Destination, _ x: Source, _ n: Int) {
    for i in 0..<n { y[i] += x[i] }
  }

  package static func convert(
    _ y: UnsafeMutablePointer<Int32>, _ x: UnsafePointer<UInt8>, _ n: Int
  ) {
    for i in 0..<n { y[i] = Int32(x[i]) }
  }

  /// What does not fit becomes the nearest integer that does.
  package static func convert(
    _ y: UnsafeMutablePointer<UInt8>, _ x: UnsafePointer<Int32>, _ n: Int
  ) {
    for i in 0..<n { y[i] = UInt8(truncatingIfNeeded: max(0, min(255, x[i]))) }
  }

  package static func convert(_ y: Destination, _ x: UnsafePointer<UInt8>, _ n: Int) {
    for i in 0..<n { y[i] = Float(x[i]) }
  }

  package static func convert(_ y: Destination, _ x: UnsafePointer<Int32>, _ n: Int) {
    for i in 0..<n { y[i] = Float(x[i]) }
  }

  /// Towards zero; what does not fit becomes the nearest integer that does, NaN becomes 0.
  package static func truncate(_ y: UnsafeMutablePointer<Int32>, _ x: Source, _ n: Int) {
    for i in 0..<n { y[i] = Int32(clamping: Int64(x[i].clamped(9e18))) }
  }

  package static func truncate(_ y: UnsafeMutablePointer<UInt8>, _ x: Source, _ n: Int) {
    for i in 0..<n { y[i] = UInt8(clamping: Int64(x[i].clamped(9e18))) }
  }

  // MARK: Loop forms

  // A loop over one pointer twice vectorises; the same loop over two pointers that happen to be
  // equal fails its overlap test and runs element by element. Hence the in-place forms.

  @inline(__always)
  private static func map(
    _ y: Destination, _ x: Source, _ n: Int, _ f: (Float) -> Float
  ) {
    if Source(y) == x {
      for i in 0..<n { y[i] = f(y[i]) }
    } else {
      for i in 0..<n { y[i] = f(x[i]) }
    }
  }

  @inline(__always)
  private static func map(
    _ y: Destination, _ a: StridedOperand, _ b: StridedOperand, _ outer: Int, _ inner: Int,
    _ f: (Float, Float) -> Float
  ) {
    for o in 0..<outer {
      let y = y + o * inner
      let (p, q) = (a.pointer + o * a.outerStride, b.pointer + o * b.outerStride)
      switch (a.innerStride, b.innerStride) {
      case (0, 0):
        let value = f(p[0], q[0])
        for i in 0..<inner { y[i] = value }
      case (0, _):
        let p = p[0]
        map(y, q, inner) { f(p, $0) }
      case (_, 0):
        let q = q[0]
        map(y, p, inner) { f($0, q) }
      default:
        if Source(y) == p {
          map(y, p, inner, with: q, f)
        } else if Source(y) == q {
          map(y, q, inner, with: p) { f($1, $0) }
        } else {
          for i in 0..<inner { y[i] = f(p[i], q[i]) }
        }
      }
    }
  }

  /// In place: y becomes f(y, q).
  @inline(__always)
  private static func map(
    _ y: Destination, _: Source, _ n: Int, with q: Source, _ f: (Float, Float) -> Float
  ) {
    for i in 0..<n { y[i] = f(y[i], q[i]) }
  }

  @inline(__always)
  private static func compare(
    _ mask: UnsafeMutablePointer<UInt8>, _ a: StridedOperand, _ b: StridedOperand, _ outer: Int,
    _ inner: Int, _ holds: (Float, Float) -> Bool
  ) {
    for o in 0..<outer {
      let mask = mask + o * inner
      let (p, q) = (a.pointer + o * a.outerStride, b.pointer + o * b.outerStride)
      switch (a.innerStride, b.innerStride) {
      case (0, 0):
        mask.update(repeating: holds(p[0], q[0]) ? 1 : 0, count: inner)
      case (0, _):
        let p = p[0]
        for i in 0..<inner { mask[i] = holds(p, q[i]) ? 1 : 0 }
      case (_, 0):
        let q = q[0]
        for i in 0..<inner { mask[i] = holds(p[i], q) ? 1 : 0 }
      default:
        for i in 0..<inner { mask[i] = holds(p[i], q[i]) ? 1 : 0 }
      }
    }
  }
}

extension Float {
  fileprivate func clamped(_ limit: Float) -> Float {
    isNaN ? 0 : Swift.max(-limit, Swift.min(limit, self))
  }
}
