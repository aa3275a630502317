/// The upper half of a float32: its range, with 8 binary digits.
package struct BFloat16: Comparable {
  package let bitPattern: UInt16

  package init(bitPattern: UInt16) { self.bitPattern = bitPattern }

  /// The nearest, ties to even; NaN stays NaN.
  @inline(__always)
  package init(_ x: Float) {
    let bits = x.bitPattern
    let rounded = (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16
    let quiet = bits >> 16 | 0x40
    bitPattern = UInt16(truncatingIfNeeded: x.isNaN ? quiet : rounded)
  }

  /// The nearest, rounded once: a float32 between would round a second time.
  @inline(__always)
  package init(_ x: Int32) {
    let dropped: UInt64 = 45
    let bits = Double(x).bitPattern
    let half = 1 << (dropped - 1) - 1 + (bits >> dropped & 1)
    self.init(Float(Double(bitPattern: ((bits &+ half) >> dropped) << dropped)))
  }

  @inline(__always)
  package var float: Float { Float(bitPattern: UInt32(bitPattern) << 16) }

  @inline(__always)
  package static func == (a: BFloat16, b: BFloat16) -> Bool { a.float == b.float }
  @inline(__always)
  package static func < (a: BFloat16, b: BFloat16) -> Bool { a.float < b.float }
  // Those that `Comparable` derives from `<` are true for NaN.
  @inline(__always)
  package static func <= (a: BFloat16, b: BFloat16) -> Bool { a.float <= b.float }
}
