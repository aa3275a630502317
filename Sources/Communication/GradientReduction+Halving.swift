internal import Diagnostics

extension GradientReduction {
  /// Adds by recursive halving at distance 1, 2, 4, ...; each addition is one node of the tree.
  func halve(_ sum: UnsafeMutablePointer<Float>, _ leaves: Int) throws(Failure) {
    var node = nodes[0]
    for (step, (kept, given)) in halvings.enumerated() {
      let peer = communicator.rank ^ (1 << step)
      let isPresent = node.isPresent(leaves: leaves)
      let arrives = node.sibling.isPresent(leaves: leaves)
      try pipeline.run(longest: max(kept.count, given.count)) {
        (index, buffers) throws(Failure) in
        let (kept, given) = (pipeline.piece(index, of: kept), pipeline.piece(index, of: given))
        if arrives {
          // A node with one child is that child.
          let target = isPresent ? unsafe buffers[0] : unsafe sum + kept.lowerBound
          try unsafe receive(target, kept.count, from: peer)
        }
        if isPresent { try unsafe send(sum + given.lowerBound, given.count, to: peer) }
      } use: { index, buffers in
        let kept = pipeline.piece(index, of: kept)
        if arrives, isPresent { unsafe add(buffers[0], to: sum + kept.lowerBound, kept.count) }
      }
      node = node.parent
    }
  }

  func send(
    _ values: UnsafePointer<Float>, _ count: Int, to peer: Int
  ) throws(Failure) {
    try unsafe communicator.send(
      values, count: count * MemoryLayout<Float>.stride, to: peer, in: .reduceScatter)
  }

  func receive(
    _ values: UnsafeMutablePointer<Float>, _ count: Int, from peer: Int
  ) throws(Failure) {
    try unsafe communicator.receive(
      values, count: count * MemoryLayout<Float>.stride, from: peer, in: .reduceScatter)
  }
}
