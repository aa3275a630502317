/// Two adjacent tokens, ordered by the left one and then by the right one.
struct TokenPair: Hashable, Comparable, Sendable {
  let bits: UInt64

  init(_ left: Int32, _ right: Int32) {
    bits = UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  var left: Int32 { Int32(truncatingIfNeeded: bits >> 32) }
  var right: Int32 { Int32(truncatingIfNeeded: bits) }

  static func < (a: TokenPair, b: TokenPair) -> Bool { a.bits < b.bits }
}
