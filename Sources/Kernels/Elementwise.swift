internal import Elementary

/// An operand of an elementwise kernel over `outer * inner` elements: element (o, i) is at
/// `pointer[o * outerStride + i * innerStride]`, where the inner stride is 0 or 1.
@safe package struct StridedOperand {
  package let pointer: UnsafePointer<Float>
  package let outerStride: Int
  package let innerStride: Int

  package init(_ pointer: UnsafePointer<Float>, outerStride: Int, innerStride: Int) {
    unsafe self.pointer = pointer
    self.outerStride = outerStride
    self.innerStride = innerStride
  }
}

/// Loops that treat every element alike.
///
/// A destination may be one of the operands.
package enum Elementwise {
  package typealias Destination = UnsafeMutablePointer<Float>
  package typealias Source = UnsafePointer<Float>

  // MARK: One operand

  package static func negate(_ y: Destination, _ x: Source, _ n: Int) {
    unsafe map(y, x, n) { -$0 }
  }
  package static func reciprocal(_ y: Destination, _ x: Source, _ n: Int) {
    unsafe map(y, x, n) { 1 / $0 }
  }
  package static func exp(_ y: Destination, _ x: Source, _ n: Int) {
    unsafe map(y, x, n) { .exp($0) }
  }
  package static func expm1(_ y: Destination, _ x: Source, _ n: Int) {
    unsafe map(y, x, n) { .expMinusOne($0) }
  }
  package static func log(_ y: Destination, _ x: Source, _ n: Int) {
    unsafe map(y, x, n) { .log($0) }
  }
  package static func log1p(_ y: Destination, _ x: Source, _ n: Int) {
    unsafe map(y, x, n) { .logOnePlus($0) }
  }
  package static func sqrt(_ y: Destination, _ x: Source, _ n: Int) {
    unsafe map(y, x, n) { $0.squareRoot() }
  }
  package static func tanh(_ y: Destination, _ x: Source, _ n: Int) {
    unsafe map(y, x, n) { .tanh($0) }
  }
  package static func sigmoid(_ y: Destination, _ x: Source, _ n: Int) {
    unsafe map(y, x, n) { .sigmoid($0) }
  }
  package static func erf(_ y: Destination, _ x: Source, _ n: Int) {
    unsafe map(y, x, n) { .erf($0) }
  }

  // MARK: Two operands

  package static func add(
    _ y: Destination, _ a: StridedOperand, _ b: StridedOperand, outer: Int, inner: Int
  ) { unsafe map(y, a, b, outer, inner) { $0 + $1 } }

  package static func subtract(
    _ y: Destination, _ a: StridedOperand, _ b: StridedOperand, outer: Int, inner: Int
  ) { unsafe map(y, a, b, outer, inner) { $0 - $1 } }

  package static func multiply(
    _ y: Destination, _ a: StridedOperand, _ b: StridedOperand, outer: Int, inner: Int
  ) { unsafe map(y, a, b, outer, inner) { $0 * $1 } }

  package static func divide(
    _ y: Destination, _ a: StridedOperand, _ b: StridedOperand, outer: Int, inner: Int
  ) { unsafe map(y, a, b, outer, inner) { $0 / $1 } }

  /// The greater of both; a NaN on either side stays one.
  package static func maximum(
    _ y: Destination, _ a: StridedOperand, _ b: StridedOperand, outer: Int, inner: Int
  ) { unsafe map(y, a, b, outer, inner) { $0 > $1 || $0 != $0 ? $0 : $1 } }

  // MARK: Vectors

  package static func fill(_ y: Destination, with value: Float, _ n: Int) {
    unsafe y.update(repeating: value, count: n)
  }

  /// Adds a vector to another in place: the sum of two shards.
  package static func accumulate(_ y: Destination, _ x: Source, _ n: Int) {
    for i in 0..<n { unsafe y[i] += x[i] }
  }

  // MARK: Loop forms

  // A loop over one pointer twice vectorises; the same loop over two pointers that happen to be
  // equal fails its overlap test and runs element by element. Hence the in-place forms.

  @inline(__always)
  private static func map(
    _ y: Destination, _ x: Source, _ n: Int, _ f: (Float) -> Float
  ) {
    if unsafe Source(y) == x {
      for i in 0..<n { unsafe y[i] = f(y[i]) }
    } else {
      for i in 0..<n { unsafe y[i] = f(x[i]) }
    }
  }

  @inline(__always)
  private static func map(
    _ y: Destination, _ a: StridedOperand, _ b: StridedOperand, _ outer: Int, _ inner: Int,
    _ f: (Float, Float) -> Float
  ) {
    for o in 0..<outer {
      let y = unsafe y + o * inner
      let (p, q) = unsafe (a.pointer + o * a.outerStride, b.pointer + o * b.outerStride)
      switch (a.innerStride, b.innerStride) {
      case (0, 0):
        let value = unsafe f(p[0], q[0])
        for i in 0..<inner { unsafe y[i] = value }
      case (0, _):
        let p = unsafe p[0]
        unsafe map(y, q, inner) { f(p, $0) }
      case (_, 0):
        let q = unsafe q[0]
        unsafe map(y, p, inner) { f($0, q) }
      default:
        if unsafe Source(y) == p {
          unsafe map(y, p, inner, with: q, f)
        } else if unsafe Source(y) == q {
          unsafe map(y, q, inner, with: p) { f($1, $0) }
        } else {
          for i in 0..<inner { unsafe y[i] = f(p[i], q[i]) }
        }
      }
    }
  }

  /// In place: y becomes f(y, q).
  @inline(__always)
  private static func map(
    _ y: Destination, _: Source, _ n: Int, with q: Source, _ f: (Float, Float) -> Float
  ) {
    for i in 0..<n { unsafe y[i] = f(y[i], q[i]) }
  }
}
