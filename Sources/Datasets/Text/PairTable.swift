/// Numbers pairs of tokens from 0, in the order in which they are inserted: a hash table.
struct PairTable: Sendable {
  private(set) var count = 0
  /// The bits of pairs, all ones in a free slot; at most half are taken.
  private var keys = [UInt64](repeating: free, count: 64)
  private var numbers = [Int32](repeating: none, count: 64)

  /// The number of a pair that is not there.
  static let none = Int32.max
  /// Tokens are not negative.
  private static let free = UInt64.max

  func number(of pair: TokenPair) -> Int32 { numbers[slot(of: pair.bits)] }

  /// The number of a pair, the next one if it is new.
  mutating func insert(_ pair: TokenPair) -> Int32 {
    let place = slot(of: pair.bits)
    guard keys[place] == Self.free else { return numbers[place] }
    (keys[place], numbers[place]) = (pair.bits, Int32(count))
    count += 1
    if 2 * count > keys.count { grow() }
    return Int32(count) - 1
  }

  /// The slot that has a pair, or the free one where it belongs.
  private func slot(of key: UInt64) -> Int {
    // Multiplication mixes upwards, so the high bits choose.
    let shift = UInt64(64 - keys.count.trailingZeroBitCount)
    var place = Int((key &* 0x9e37_79b9_7f4a_7c15) >> shift)
    while keys[place] != key, keys[place] != Self.free { place = (place + 1) & (keys.count - 1) }
    return place
  }

  private mutating func grow() {
    let old = (keys, numbers)
    keys = [UInt64](repeating: Self.free, count: 2 * old.0.count)
    numbers = [Int32](repeating: Self.none, count: keys.count)
    for (key, number) in zip(old.0, old.1) where key != Self.free {
      let place = slot(of: key)
      (keys[place], numbers[place]) = (key, number)
    }
  }
}
