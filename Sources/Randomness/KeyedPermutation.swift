/// The order of 0 ..< count in one epoch, of which any part is computed without the others.
///
/// A Feistel network (Luby and Rackoff 1988) permutes the numbers of an even number of bits. One
/// that is not below `count` is sent through it again (Black and Rogaway 2002), so that the rest is
/// a permutation too.
package struct KeyedPermutation: Sendable {
  private let count: Int
  /// The bits of a half.
  private let bits: Int
  /// For each round and each value of a half, what is added to the other.
  private let rounds: [[UInt16]]

  private static let roundCount = 4

  package init(count: Int, seed: UInt64, epoch: Int) {
    precondition(0 < count && count <= Int(Int32.max))
    self.count = count
    let needed = Int.bitWidth - (count - 1).leadingZeroBitCount
    let bits = max(1, (needed + 1) / 2)
    self.bits = bits
    let stream = RandomStream(
      seed: seed, purpose: .permutation, unit: 1, major: UInt64(epoch))
    rounds = (0..<Self.roundCount).map { round in
      (0..<1 << bits).map { half in
        UInt16(truncatingIfNeeded: stream.bits(at: round << bits | half) >> UInt32(32 - bits))
      }
    }
  }

  /// The numbers at consecutive positions.
  package func indices(at positions: Range<Int>) -> [Int32] {
    positions.map { position in
      var number = position
      repeat { number = permute(number) } while number >= count
      return Int32(number)
    }
  }

  private func permute(_ number: Int) -> Int {
    var (left, right) = (number >> bits, number & (1 << bits - 1))
    for round in rounds { (left, right) = (right, left ^ Int(round[right])) }
    return left << bits | right
  }
}
