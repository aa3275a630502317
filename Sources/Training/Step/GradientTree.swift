internal import Communication
package import Diagnostics
package import Execution
internal import Kernels

/// Adds the shard gradients of one rank over a fixed binary tree.
///
/// Each worker computes complete subtrees of its own shards, depth first, with a spare vector for
/// each level. A subtree of at most `shardsAtOnce` shards is one call of the leaf. Then all workers
/// merge the subtrees. The tree fixes the order of additions, so the result does not depend on the
/// workers.
///
/// Closures capture only `self`, so that a step allocates nothing.
@safe package final class GradientTree {
  /// Computes the gradient of one shard, or the sum over a balanced tree of several, and writes it
  /// to the target or adds it there.
  package typealias Leaf = (
    _ worker: Int, _ shards: Range<Int>, _ target: UnsafeMutablePointer<Float>, _ adding: Bool
  ) -> Void

  private let elements: Int
  /// The most full shards that a leaf computes at once, a power of two.
  private let shardsAtOnce: Int
  private let workers: [Worker]
  /// The subtrees of all workers in order, and their sums.
  private let nodes: [TreeNode]
  private let sums: [UnsafeMutablePointer<Float>]
  private let merges: [Merge]
  /// The sums of this rank's maximal subtrees.
  private let results: [UnsafeMutablePointer<Float>]
  private let arena: Arena
  /// The number of shards in the step, of full ones among them, and the function that computes
  /// them.
  private var leaves = 0
  private var full = 0
  private var leaf: Leaf?
  private var timelines: [Timeline] = []

  @safe private struct Worker {
    let nodes: [TreeNode]
    let sums: [UnsafeMutablePointer<Float>]
    /// One vector for each level between the leaves and the highest node.
    let spares: [UnsafeMutablePointer<Float>]
  }

  /// Allocates the sums of `shards`, divided among `count` workers.
  package init(
    shards: Range<Int>, workers count: Int, elements: Int, shardsAtOnce: Int = 1
  ) throws(Failure) {
    self.elements = elements
    self.shardsAtOnce = shardsAtOnce
    let coverings = (0..<count).map { TreeNode.covering(shards.part($0, of: count)) }
    let stride = GradientTree.stride(elements)
    arena = try Arena(
      byteCount: GradientTree.byteCount(shards: shards, workers: count, elements: elements))
    var next = unsafe arena.start
    func take(_ count: Int) -> [UnsafeMutablePointer<Float>] {
      unsafe (0..<count).map { _ in
        defer { unsafe next += stride }
        return unsafe next.bindMemory(to: Float.self, capacity: stride / 4)
      }
    }
    workers = coverings.map { nodes in
      unsafe Worker(
        nodes: nodes, sums: take(nodes.count), spares: take(GradientTree.spareCount(nodes)))
    }
    nodes = coverings.flatMap { $0 }
    unsafe sums = workers.flatMap(unsafe \.sums)
    merges = TreeNode.merges(of: nodes)
    let absorbed = Set(merges.map(\.from))
    unsafe results = sums.enumerated().filter { unsafe !absorbed.contains($0.offset) }
      .map { unsafe $0.element }
  }

  /// A vector that the caller may use between sums.
  var workSpace: UnsafeMutablePointer<Float> { unsafe sums[0] }

  /// The number of shards in a worker's largest subtree.
  static func largestSubtree(of shards: Range<Int>, workers count: Int) -> Int {
    (0..<count).flatMap { TreeNode.covering(shards.part($0, of: count)) }.map(\.leaves.count).max()
      ?? 1
  }

  /// The bytes of a tree.
  static func byteCount(shards: Range<Int>, workers count: Int, elements: Int) -> Int {
    let coverings = (0..<count).map { TreeNode.covering(shards.part($0, of: count)) }
    let vectors = coverings.reduce(0) { $0 + $1.count + spareCount($1) }
    return vectors * stride(elements)
  }

  /// The number of levels between the leaves and the highest node.
  private static func spareCount(_ nodes: [TreeNode]) -> Int {
    max(0, (nodes.map(\.level).max() ?? 0) - 1)
  }

  /// Each vector begins on a new page, so that workers do not share cache lines.
  private static func stride(_ elements: Int) -> Int { (elements * 4 + 4095) / 4096 * 4096 }

  /// Sets the timelines that workers record their additions to; none ends it.
  func record(to timelines: [Timeline]) { self.timelines = timelines }

  /// Computes and adds the gradients of a step that has `leaves` shards, the first `full` of them
  /// full.
  ///
  /// Returns the sums of this rank's maximal subtrees; one without a present shard is undefined.
  package func sum(
    leaves: Int, full: Int, on pool: WorkerPool, leaf: @escaping Leaf
  ) -> [UnsafeMutablePointer<Float>] {
    unsafe (self.leaves, self.full, self.leaf) = (leaves, full, leaf)
    defer { unsafe self.leaf = nil }
    pool.run { [self] worker in
      for unsafe(node, sum) in unsafe zip(workers[worker].nodes, workers[worker].sums)
      where node.isPresent(leaves: self.leaves) {
        unsafe fill(node, sum, worker)
      }
    }
    if merges.contains(where: { isPresent($0.from) }) {
      pool.run { [self] worker in
        timed(worker) { merge((0..<elements).part(worker, of: workers.count)) }
      }
    }
    return unsafe results
  }

  private func isPresent(_ place: Int) -> Bool { nodes[place].isPresent(leaves: leaves) }

  /// Writes the sum of a node's leaves to `target`; an absent child is skipped, not added as zero.
  private func fill(_ node: TreeNode, _ target: UnsafeMutablePointer<Float>, _ worker: Int) {
    guard !isComputedAtOnce(node) else {
      unsafe leaf?(worker, node.leaves, target, false)
      return
    }
    let left = TreeNode(level: node.level - 1, index: 2 * node.index)
    unsafe fill(left, target, worker)
    guard left.sibling.isPresent(leaves: leaves) else { return }
    guard !isComputedAtOnce(left.sibling) else {
      unsafe leaf?(worker, left.sibling.leaves, target, true)
      return
    }
    let spare = unsafe workers[worker].spares[left.level - 1]
    unsafe fill(left.sibling, spare, worker)
    timed(worker) { unsafe Elementwise.accumulate(target, spare, elements) }
  }

  private func isComputedAtOnce(_ node: TreeNode) -> Bool {
    node.level == 0 || node.leaves.count <= shardsAtOnce && node.leaves.upperBound <= full
  }

  private func timed(_ worker: Int, _ addition: () -> Void) {
    guard !timelines.isEmpty else { return addition() }
    timelines[worker].begin()
    addition()
    timelines[worker].lap(.treeAddition)
  }

  /// Merges the workers' subtrees, for a part of the elements.
  private func merge(_ part: Range<Int>) {
    for merge in merges where isPresent(merge.from) {
      unsafe Elementwise.accumulate(
        sums[merge.into] + part.lowerBound, sums[merge.from] + part.lowerBound, part.count)
    }
  }
}
