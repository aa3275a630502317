/// The messages of an all-gather over fixed ranges, as seen by one rank.
package struct GatherPlan: Sendable {
  package struct Exchange: Equatable, Sendable {
    package let peer: Int
    package let sent: [Range<Int>]
    package let received: [Range<Int>]
  }

  /// Exchanges of one stage run concurrently; a stage starts when the previous one is complete.
  package let stages: [[Exchange]]

  /// Creates the plan of a rank, given the byte range of each rank.
  ///
  /// If the number of ranks is a power of two, it uses recursive doubling, with the order of
  /// distances that sends fewer messages: descending for slices from recursive halving, ascending
  /// for records in rank order. Otherwise each rank sends its range to every other rank.
  package init(ranges: [Range<Int>], rank: Int) {
    let ranks = ranges.count
    guard ranks.isPowerOfTwo else {
      stages = [
        (1..<ranks).map { distance in
          let peer = (rank + distance) % ranks
          return Exchange(
            peer: peer, sent: Self.joined([ranges[rank]]), received: Self.joined([ranges[peer]]))
        }
      ]
      return
    }
    let ascending = (0..<ranks.trailingZeroBitCount).map { 1 << $0 }
    let orders = [ascending.reversed(), ascending]
    // All ranks count the messages of rank 0, so that all choose the same order.
    let pieces = orders.map { order in
      Self.doubling(ranges, 0, order).joined().reduce(0) { $0 + $1.sent.count + $1.received.count }
    }
    stages = Self.doubling(ranges, rank, pieces[0] <= pieces[1] ? orders[0] : orders[1])
  }

  private static func doubling(
    _ ranges: [Range<Int>], _ rank: Int, _ distances: [Int]
  ) -> [[Exchange]] {
    var reached = 0
    return distances.map { distance in
      let held = { (holder: Int) in
        joined(ranges.indices.filter { ($0 ^ holder) & ~reached == 0 }.map { ranges[$0] })
      }
      let peer = rank ^ distance
      let exchange = Exchange(peer: peer, sent: held(rank), received: held(peer))
      reached |= distance
      return [exchange]
    }
  }

  /// Returns the ranges sorted, without empty ones, and with adjacent ranges merged.
  private static func joined(_ ranges: [Range<Int>]) -> [Range<Int>] {
    var result: [Range<Int>] = []
    for range in ranges.filter({ !$0.isEmpty }).sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = result.last, last.upperBound == range.lowerBound {
        result[result.count - 1] = last.lowerBound..<range.upperBound
      } else {
        result.append(range)
      }
    }
    return result
  }
}
