/// Who sends which bytes to whom in an all-gather, worked out once for ranges that do not change.
package struct GatherPlan: Sendable {
  package struct Exchange: Equatable, Sendable {
    package let peer: Int
    package let sent: [Range<Int>]
    package let received: [Range<Int>]
  }

  /// The exchanges of a stage run at once; each stage waits for the one before it.
  package let stages: [[Exchange]]

  /// A plan for one rank, given the bytes that each rank starts with.
  ///
  /// A power of two of ranks double what they hold, at the order of distances that sends fewer
  /// pieces: descending for halved slices, ascending for records in rank order. Any other number
  /// of ranks exchange their own range with everyone.
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
    // Rank 0 stands for all, so that all choose alike.
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

  /// The ranges in order, without empty ones, neighbours made one.
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
