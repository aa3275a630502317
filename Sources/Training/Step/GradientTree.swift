internal import Communication
package import Diagnostics
package import Execution
internal import Kernels

/// The sums of shard gradients on one rank, added over the fixed tree by its workers.
///
/// A worker computes complete subtrees of its own shards, depth first, with one spare vector a
/// level; small subtrees are computed at once, and what has a sibling there is added to it at once. Then all workers together add what lies between them. Which worker computed a leaf
/// changes nothing in any sum.
///
/// What a step needs is held here and not in closures, so that a step allocates nothing.
@safe package final class GradientTree {
  /// Writes the gradient of one shard, or the sum over a balanced tree of some, or adds it to what stands
  /// there.
  package typealias Leaf = (
    _ worker: Int, _ shards: Range<Int>, _ target: UnsafeMutablePointer<Float>, _ adding: Bool
  ) -> Void

  private let elements: Int
  /// How many full shards are computed at once at most, a power of two.
  private let group: Int
  private let workers: [Worker]
  /// The subtrees of all workers, in order, and where their sums stand.
  private let nodes: [TreeNode]
  private let sums: [UnsafeMutablePointer<Float>]
  private let merges: [Merge]
  /// Where the sums of this rank's maximal subtrees stand.
  private let results: [UnsafeMutablePointer<Float>]
  private let arena: Arena
  /// How many shards the step has, how many of them are full, and what computes them.
  private var leaves = 0
  private var full = 0
  private var leaf: Leaf?
  private var timelines: [Timeline] = []

  @safe private struct Worker {
    let nodes: [TreeNode]
    let sums: [UnsafeMutablePointer<Float>]
    /// One for each level between the leaves and the highest node.
    let spares: [UnsafeMutablePointer<Float>]
  }

  /// Room for the subtrees of `shards`, divided among so many workers.
  package init(
    shards: Range<Int>, workers count: Int, elements: Int, group: Int = 1
  ) throws(Failure) {
    self.elements = elements
    self.group = group
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

  /// A vector that the next sum overwrites.
  var workSpace: UnsafeMutablePointer<Float> { unsafe sums[0] }

  /// How many shards the largest subtree of a worker has.
  static func largestSubtree(of shards: Range<Int>, workers count: Int) -> Int {
    (0..<count).flatMap { TreeNode.covering(shards.part($0, of: count)) }.map(\.leaves.count).max()
      ?? 1
  }

  /// What a tree takes.
  static func byteCount(shards: Range<Int>, workers count: Int, elements: Int) -> Int {
    let coverings = (0..<count).map { TreeNode.covering(shards.part($0, of: count)) }
    let vectors = coverings.reduce(0) { $0 + $1.count + spareCount($1) }
    return vectors * stride(elements)
  }

  /// How many levels are between the leaves and the highest node.
  private static func spareCount(_ nodes: [TreeNode]) -> Int {
    max(0, (nodes.map(\.level).max() ?? 0) - 1)
  }

  /// Vectors begin on a page of their own, so that workers do not write to the same cache lines.
  private static func stride(_ elements: Int) -> Int { (elements * 4 + 4095) / 4096 * 4096 }

  /// Has the additions of each worker noted from now on, or no longer.
  func observe(_ timelines: [Timeline]) { self.timelines = timelines }

  /// Fills the tree with the gradients of the first shards, `leaves` of the whole step, of which the first are
  /// full.
  ///
  /// Returns the vectors of this rank's maximal subtrees, whose sums are there where a shard is.
  package func sum(
    leaves: Int, full: Int, on pool: WorkerPool, leaf: @escaping Leaf
  ) -> [UnsafeMutablePointer<Float>] {
    unsafe (self.leaves, self.full, self.leaf) = (leaves, full, leaf)
    defer { unsafe self.leaf = nil }
    pool.run { [self] in fill($0) }
    if merges.contains(where: { isPresent($0.from) }) {
      pool.run { [self] worker in
        timed(worker) { merge((0..<elements).part(worker, of: workers.count)) }
      }
    }
    return unsafe results
  }

  private func isPresent(_ place: Int) -> Bool { nodes[place].isPresent(leaves: leaves) }

  /// Sums the subtrees of one worker.
  private func fill(_ index: Int) {
    let worker = workers[index]
    guard let leaf = unsafe leaf else { return }
    for unsafe(node, sum) in unsafe zip(worker.nodes, worker.sums)
    where node.isPresent(leaves: leaves) {
      unsafe fill(node, sum, worker.spares, index) { unsafe leaf(index, $0, $1, $2) }
    }
  }

  /// Sums the leaves of a node into `target`; a node with one present child is that child.
  private func fill(
    _ node: TreeNode, _ target: UnsafeMutablePointer<Float>,
    _ spares: [UnsafeMutablePointer<Float>], _ worker: Int,
    _ leaf: (Range<Int>, UnsafeMutablePointer<Float>, Bool) -> Void
  ) {
    guard !isComputedAtOnce(node) else { return unsafe leaf(node.leaves, target, false) }
    let left = TreeNode(level: node.level - 1, index: 2 * node.index)
    unsafe fill(left, target, spares, worker, leaf)
    guard left.sibling.isPresent(leaves: leaves) else { return }
    guard !isComputedAtOnce(left.sibling) else {
      return unsafe leaf(left.sibling.leaves, target, true)
    }
    let spare = unsafe spares[left.level - 1]
    unsafe fill(left.sibling, spare, spares, worker, leaf)
    timed(worker) { unsafe Elementwise.accumulate(target, spare, elements) }
  }

  private func isComputedAtOnce(_ node: TreeNode) -> Bool {
    node.level == 0 || node.leaves.count <= group && node.leaves.upperBound <= full
  }

  private func timed(_ worker: Int, _ addition: () -> Void) {
    guard !timelines.isEmpty else { return addition() }
    timelines[worker].begin()
    addition()
    timelines[worker].lap(.treeAddition)
  }

  /// Adds up what lies between the workers' subtrees, in a part of the elements.
  private func merge(_ part: Range<Int>) {
    for merge in merges where isPresent(merge.from) {
      unsafe Elementwise.accumulate(
        sums[merge.into] + part.lowerBound, sums[merge.from] + part.lowerBound, part.count)
    }
  }
}
