internal import Elementary

/// An operand of an elementwise kernel over `outer * inner` elements, whose type the kernel knows:
/// element (o, i) is number `o * outerStride + i * innerStride`, where the inner stride is 0 or 1.
@safe package struct StridedOperand {
  let pointer: UnsafeRawPointer
  let outerStride: Int
  let innerStride: Int

  package init(_ pointer: UnsafeRawPointer, outerStride: Int, innerStride: Int) {
    unsafe self.pointer = pointer
    self.outerStride = outerStride
    self.innerStride = innerStride
  }

  /// The first element of a row.
  @inline(__always)
  func row<Number>(_ o: Int, _: Number.Type) -> UnsafePointer<Number> {
    unsafe pointer.assumingMemoryBound(to: Number.self) + o * outerStride
  }
}

/// Loops that apply one operation to every element.
///
/// A destination may be one of the operands.
package enum Elementwise {
  package typealias Destination = UnsafeMutablePointer<Float>
  package typealias Source = UnsafePointer<Float>
  package typealias Integers = UnsafeMutablePointer<Int32>

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

  /// The maximum; NaN if one of them is.
  package static func maximum(
    _ y: Destination, _ a: StridedOperand, _ b: StridedOperand, outer: Int, inner: Int
  ) { unsafe map(y, a, b, outer, inner) { $0 > $1 || $0 != $0 ? $0 : $1 } }

  // MARK: Two operands of integers, which wrap around

  package static func add(
    _ y: Integers, _ a: StridedOperand, _ b: StridedOperand, outer: Int, inner: Int
  ) { unsafe map(y, a, b, outer, inner) { $0 &+ $1 } }

  package static func subtract(
    _ y: Integers, _ a: StridedOperand, _ b: StridedOperand, outer: Int, inner: Int
  ) { unsafe map(y, a, b, outer, inner) { $0 &- $1 } }

  package static func multiply(
    _ y: Integers, _ a: StridedOperand, _ b: StridedOperand, outer: Int, inner: Int
  ) { unsafe map(y, a, b, outer, inner) { $0 &* $1 } }

  package static func maximum(
    _ y: Integers, _ a: StridedOperand, _ b: StridedOperand, outer: Int, inner: Int
  ) { unsafe map(y, a, b, outer, inner) { Swift.max($0, $1) } }

  // MARK: Vectors

  /// Adds a vector to another in place: the sum of two shards.
  package static func accumulate(_ y: Destination, _ x: Source, _ n: Int) {
    for i in 0..<n { unsafe y[i] += x[i] }
  }

  // MARK: Loop forms

  // A loop over one pointer twice vectorises; the same loop over two pointers that happen to be
  // equal fails its overlap test and runs element by element. Hence the in-place forms.

  @inline(__always)
  private static func map<Number>(
    _ y: UnsafeMutablePointer<Number>, _ x: UnsafePointer<Number>, _ n: Int,
    _ f: (Number) -> Number
  ) {
    if unsafe UnsafePointer(y) == x {
      for i in 0..<n { unsafe y[i] = f(y[i]) }
    } else {
      for i in 0..<n { unsafe y[i] = f(x[i]) }
    }
  }

  @inline(__always)
  private static func map<Number>(
    _ y: UnsafeMutablePointer<Number>, _ a: StridedOperand, _ b: StridedOperand, _ outer: Int,
    _ inner: Int, _ f: (Number, Number) -> Number
  ) {
    for o in 0..<outer {
      let y = unsafe y + o * inner
      let (p, q) = unsafe (a.row(o, Number.self), b.row(o, Number.self))
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
        if unsafe UnsafePointer(y) == p {
          unsafe map(y, p, inner, with: q, f)
        } else if unsafe UnsafePointer(y) == q {
          unsafe map(y, q, inner, with: p) { f($1, $0) }
        } else {
          for i in 0..<inner { unsafe y[i] = f(p[i], q[i]) }
        }
      }
    }
  }

  /// In place: y becomes f(y, q).
  @inline(__always)
  private static func map<Number>(
    _ y: UnsafeMutablePointer<Number>, _: UnsafePointer<Number>, _ n: Int,
    with q: UnsafePointer<Number>, _ f: (Number, Number) -> Number
  ) {
    for i in 0..<n { unsafe y[i] = f(y[i], q[i]) }
  }
}
