/// The upper half of a float32: its range, with 8 binary digits.
package struct BFloat16: BitwiseCopyable, Equatable {
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

  @inline(__always)
  package var float: Float { Float(bitPattern: UInt32(bitPattern) << 16) }
}
