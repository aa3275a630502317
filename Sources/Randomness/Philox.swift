/// Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011): random bits as a function of a counter.
package enum Philox {
  package typealias Block = (UInt32, UInt32, UInt32, UInt32)

  /// The four words at a counter: ten rounds of multiplying, crossing and adding the key.
  @inline(always)
  package static func block(_ counter: Block, key: (UInt32, UInt32)) -> Block {
    var (c0, c1, c2, c3) = counter
    var (k0, k1) = key
    for _ in 0..<10 {
      let p0 = UInt64(c0) &* 0xd251_1f53
      let p1 = UInt64(c2) &* 0xcd9e_8d57
      c0 = high(p1) ^ c1 ^ k0
      c2 = high(p0) ^ c3 ^ k1
      c1 = UInt32(truncatingIfNeeded: p1)
      c3 = UInt32(truncatingIfNeeded: p0)
      k0 &+= 0x9e37_79b9
      k1 &+= 0xbb67_ae85
    }
    return (c0, c1, c2, c3)
  }

  @inline(always)
  private static func high(_ product: UInt64) -> UInt32 {
    UInt32(truncatingIfNeeded: product &>> 32)
  }
}
