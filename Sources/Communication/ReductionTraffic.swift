/// The network traffic of an ordered all-reduce at the busiest rank.
package struct ReductionTraffic: Equatable, Sendable {
  /// The number of consecutive exchanges.
  package let stages: Int
  /// The bytes sent or received, whichever is more, summed over the stages.
  package let bytes: Int

  package init(stages: Int, bytes: Int) {
    self.stages = stages
    self.bytes = bytes
  }

  /// The traffic of a reduce-scatter over a tree of `shards` leaves and the all-gather after it.
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
    guard elements > VectorPartition.chunk else {
      self.init(stages: distances, bytes: 4 * distances * elements)
      return
    }
    // Rank 0 keeps the larger halves. The all-gather moves the same bytes in the other direction.
    let halvings = VectorPartition.halvings(elements: elements, rank: 0, ranks: ranks)
    self.init(
      stages: 2 * distances,
      bytes: 8 * halvings.reduce(0) { $0 + max($1.kept.count, $1.given.count) })
  }

  private init(delivering elements: Int, shards: Int, ranks: Int) {
    let nodes = (0..<ranks).map { TreeNode.covering((0..<shards).part($0, of: ranks)).count }
    let all = nodes.reduce(0, +)
    guard elements > VectorPartition.chunk else {
      let most = nodes.map { max($0 * (ranks - 1), all - $0) }.max() ?? 0
      self.init(stages: 1, bytes: 4 * most * elements)
      return
    }
    let slices = VectorPartition.ranges(elements: elements, ranks: ranks).map(\.count)
    // First the partial sums of subtrees, then the total sums.
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
