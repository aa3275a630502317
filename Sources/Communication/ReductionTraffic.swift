/// What travels until the sum of vectors is everywhere, as the busiest rank sees it.
package struct ReductionTraffic: Equatable, Sendable {
  /// Exchanges one after the other.
  package var stages: Int
  /// In the direction that takes longer, over all stages.
  package var bytes: Int

  package init(stages: Int, bytes: Int) {
    self.stages = stages
    self.bytes = bytes
  }

  /// Of the ordered reduction of vectors over a tree of `shards` leaves, and the gathering after it.
  package init(elements: Int, shards: Int, ranks: Int) {
    self.init(stages: 0, bytes: 0)
    guard ranks > 1 else { return }
    let parts = Slices.ranges(elements: elements, ranks: ranks).map(\.count)
    guard ranks.isPowerOfTwo else {
      let nodes = (0..<ranks).map { TreeNode.covering((0..<shards).part($0, of: ranks)).count }
      let all = nodes.reduce(0, +)
      let isShared = elements > Slices.chunk
      stages = isShared ? 2 : 1
      bytes =
        4
        * (zip(parts, nodes).map { part, nodes in
          isShared
            ? max(nodes * (elements - part), (all - nodes) * part)
              + max((ranks - 1) * part, elements - part)
            : max(nodes * (ranks - 1), all - nodes) * elements
        }.max() ?? 0)
      return
    }
    let distances = ranks.trailingZeroBitCount
    guard elements > Slices.chunk else {
      (stages, bytes) = (distances, 4 * distances * elements)
      return
    }
    // The first rank keeps the greater halves; it then gathers what it gave.
    let halvings = Slices.halvings(elements: elements, rank: 0, ranks: ranks)
    stages = 2 * distances
    bytes = 8 * halvings.reduce(0) { $0 + max($1.kept.count, $1.given.count) }
  }

  package static func + (a: Self, b: Self) -> Self {
    ReductionTraffic(stages: a.stages + b.stages, bytes: a.bytes + b.bytes)
  }
}

/// What lies between two ranks: the time until a message is there is latency + bytes / bandwidth.
package struct Link: Equatable, Sendable {
  /// In seconds.
  package var latency: Double
  /// In bytes a second and direction.
  package var bandwidth: Double

  package init(latency: Double, bandwidth: Double) {
    self.latency = latency
    self.bandwidth = bandwidth
  }

  /// The link under which such traffic takes such times, with the least relative errors squared.
  package init(fitting measured: [(traffic: ReductionTraffic, seconds: Double)]) {
    // t = a s + b n, divided by t: the two equations of least squares.
    var (ss, sn, nn, s1, n1) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for (traffic, seconds) in measured {
      let (s, n) = (Double(traffic.stages) / seconds, Double(traffic.bytes) / seconds)
      ss += s * s
      sn += s * n
      nn += n * n
      s1 += s
      n1 += n
    }
    let determinant = ss * nn - sn * sn
    var latency = (s1 * nn - n1 * sn) / determinant
    var slowness = (n1 * ss - s1 * sn) / determinant
    // Neither can help: what is left then explains all.
    if !(latency >= 0) { (latency, slowness) = (0, n1 / nn) }
    if !(slowness > 0) { (latency, slowness) = (s1 / ss, 0) }
    self.init(latency: latency, bandwidth: 1 / slowness)
  }

  package func seconds(for traffic: ReductionTraffic) -> Double {
    Double(traffic.stages) * latency + Double(traffic.bytes) / bandwidth
  }
}
