internal import Communication
package import Diagnostics
package import Execution
internal import Kernels

/// The sums of shard gradients on one rank, added over the fixed tree by its workers.
///
/// A worker computes complete subtrees of its own shards, depth first, with one spare vector a
/// level; then all workers together add what lies between them. Which worker computed a leaf
/// changes nothing in any sum.
package final class GradientTree {
  private let elements: Int
  private let workers: [Worker]
  /// The subtrees of all workers, in order, and where their sums stand.
  private let nodes: [TreeNode]
  private let merges: [Merge]
  private let results: [Int]
  private let arena: Arena

  private struct Worker {
    let nodes: [TreeNode]
    let sums: [UnsafeMutablePointer<Float>]
    /// One for each level below the highest node.
    let spares: [UnsafeMutablePointer<Float>]
  }

  /// Room for the subtrees of `shards`, divided among so many workers.
  package init(shards: Range<Int>, workers count: Int, elements: Int) throws(Failure) {
    self.elements = elements
    let coverings = (0..<count).map { TreeNode.covering(shards.part($0, of: count)) }
    // Vectors begin on a page of their own, so that workers do not write to the same cache lines.
    let stride = (elements * 4 + 4095) / 4096 * 4096
    let vectors = coverings.reduce(0) { $0 + $1.count + ($1.map(\.level).max() ?? 0) }
    arena = try Arena(byteCount: vectors * stride)
    var next = arena.start
    func take(_ count: Int) -> [UnsafeMutablePointer<Float>] {
      (0..<count).map { _ in
        defer { next += stride }
        return next.bindMemory(to: Float.self, capacity: stride / 4)
      }
    }
    workers = coverings.map { nodes in
      Worker(
        nodes: nodes, sums: take(nodes.count), spares: take(nodes.map(\.level).max() ?? 0))
    }
    nodes = coverings.flatMap { $0 }
    merges = TreeNode.merges(of: nodes)
    let absorbed = Set(merges.map(\.from))
    results = nodes.indices.filter { !absorbed.contains($0) }
  }

  var byteCount: Int { arena.byteCount }

  /// Fills the tree: `leaf(worker, shard, target)` writes the gradient of one shard.
  ///
  /// - Parameter leaves: how many shards the step has.
  /// - Returns: the sums of this rank's maximal subtrees, nil where none of the shards is present.
  package func sum(
    leaves: Int, on pool: WorkerPool,
    leaf: (_ worker: Int, _ shard: Int, _ target: UnsafeMutablePointer<Float>) -> Void
  ) -> [UnsafeMutablePointer<Float>?] {
    pool.run { index in
      let worker = workers[index]
      for (node, sum) in zip(worker.nodes, worker.sums) where node.isPresent(leaves: leaves) {
        fill(node, sum, worker.spares, leaves) { leaf(index, $0, $1) }
      }
    }
    let sums = workers.flatMap(\.sums)
    let present = nodes.map { $0.isPresent(leaves: leaves) }
    if merges.contains(where: { present[$0.from] }) {
      pool.run { index in
        let part = (0..<elements).part(index, of: pool.count)
        for merge in merges where present[merge.from] {
          Elementwise.accumulate(
            sums[merge.into] + part.lowerBound, sums[merge.from] + part.lowerBound, part.count)
        }
      }
    }
    return results.map { present[$0] ? sums[$0] : nil }
  }

  /// Sums the leaves of a node into `target`. A node with one present child is that child.
  private func fill(
    _ node: TreeNode, _ target: UnsafeMutablePointer<Float>,
    _ spares: [UnsafeMutablePointer<Float>], _ leaves: Int,
    _ leaf: (Int, UnsafeMutablePointer<Float>) -> Void
  ) {
    guard node.level > 0 else { return leaf(node.index, target) }
    let left = TreeNode(level: node.level - 1, index: 2 * node.index)
    fill(left, target, spares, leaves, leaf)
    guard left.sibling.isPresent(leaves: leaves) else { return }
    let spare = spares[left.level]
    fill(left.sibling, spare, spares, leaves, leaf)
    Elementwise.accumulate(target, spare, elements)
  }
}
