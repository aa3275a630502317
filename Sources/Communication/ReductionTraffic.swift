/// What travels until the sum of vectors is everywhere, as the busiest rank sees it.
package struct ReductionTraffic: Equatable, Sendable {
  /// Exchanges one after the other.
  package let stages: Int
  /// In the direction that takes longer, over all stages.
  package let bytes: Int

  package init(stages: Int, bytes: Int) {
    self.stages = stages
    self.bytes = bytes
  }

  /// Of the ordered reduction of vectors over a tree of `shards` leaves, and the gathering after it.
  package init(elements: Int, shards: Int, ranks: Int) {
    if ranks == 1 {
      self.init(stages: 0, bytes: 0)
    } else if ranks.isPowerOfTwo {
      self.init(halving: elements, ranks: ranks)
    } else {
      self.init(delivering: elements, shards: shards, ranks: ranks)
    }
  }

  private init(halving elements: Int, ranks: Int) {
    let distances = ranks.trailingZeroBitCount
    guard elements > Slices.chunk else {
      self.init(stages: distances, bytes: 4 * distances * elements)
      return
    }
    // The first rank keeps the greater halves; it then gathers what it gave.
    let halvings = Slices.halvings(elements: elements, rank: 0, ranks: ranks)
    self.init(
      stages: 2 * distances,
      bytes: 8 * halvings.reduce(0) { $0 + max($1.kept.count, $1.given.count) })
  }

  private init(delivering elements: Int, shards: Int, ranks: Int) {
    let nodes = (0..<ranks).map { TreeNode.covering((0..<shards).part($0, of: ranks)).count }
    let all = nodes.reduce(0, +)
    guard elements > Slices.chunk else {
      let most = nodes.map { max($0 * (ranks - 1), all - $0) }.max() ?? 0
      self.init(stages: 1, bytes: 4 * most * elements)
      return
    }
    let slices = Slices.ranges(elements: elements, ranks: ranks).map(\.count)
    // What is sent, or received if that is more: pieces of subtrees, then sums.
    let bytes = zip(nodes, slices).map { nodes, slice in
      4 * max(nodes * (elements - slice), (all - nodes) * slice)
        + 4 * max((ranks - 1) * slice, elements - slice)
    }
    self.init(stages: 2, bytes: bytes.max() ?? 0)
  }

  package static func + (a: Self, b: Self) -> Self {
    ReductionTraffic(stages: a.stages + b.stages, bytes: a.bytes + b.bytes)
  }
}
