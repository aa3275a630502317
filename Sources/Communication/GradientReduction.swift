package import Diagnostics
internal import Glibc

/// How the gradients of the ranks are added.
package enum ReductionMethod: String, CaseIterable, Sendable {
  /// In the order of a fixed tree over the shards: the same bits on any number of ranks.
  case ordered
  /// By `MPI_Allreduce`, whose order depends on the number of ranks and the size.
  case native
}

/// Adds the shard gradients of a step over all ranks, in the order of a fixed tree.
///
/// It owns the receive buffers, so that a step allocates nothing.
@safe package final class GradientReduction {
  package let elements: Int
  /// The subtrees whose sums this rank contributes, in order.
  package let nodes: [TreeNode]
  /// The elements that each rank owns; they partition the vector.
  package let slices: [Range<Int>]
  /// The elements that each rank sums and updates.
  ///
  /// They are the slices; a vector of at most one chunk is not divided, and all ranks sum all of
  /// it.
  package let parts: [Range<Int>]
  /// The all-gather that copies the parts of all ranks to all ranks.
  package let gatherPlan: GatherPlan

  /// The elements that this rank sums.
  package var part: Range<Int> { parts[communicator.rank] }

  let communicator: Communicator
  let pipeline: PiecePipeline
  let halvings: [(kept: Range<Int>, given: Range<Int>)]
  let allNodes: [TreeNode]
  let owners: [Int]
  /// The index of this rank's first node in `allNodes`.
  let firstPlace: Int
  let longestPart: Int
  let merges: [Merge]
  /// Watches `MPI_Allreduce`, which blocks.
  let watchdog: Watchdog?
  private let method: ReductionMethod

  init(
    _ communicator: Communicator, elements: Int, shards: Int, method: ReductionMethod
  ) throws(Failure) {
    let (rank, ranks) = (communicator.rank, communicator.size)
    precondition(shards.isPowerOfTwo, "The tree is balanced.")
    try communicator.requireShards(shards)
    self.communicator = communicator
    self.method = method
    self.elements = elements
    let nodesOfRanks = (0..<ranks).map { TreeNode.covering((0..<shards).part($0, of: ranks)) }
    nodes = nodesOfRanks[rank]
    allNodes = nodesOfRanks.flatMap { $0 }
    owners = nodesOfRanks.indices.flatMap { rank in nodesOfRanks[rank].map { _ in rank } }
    firstPlace = nodesOfRanks[..<rank].reduce(0) { $0 + $1.count }
    merges = TreeNode.merges(of: allNodes)
    slices = VectorPartition.ranges(elements: elements, ranks: ranks)
    let isShared = elements > VectorPartition.chunk
    parts = VectorPartition.parts(elements: elements, ranks: ranks)
    longestPart = parts.reduce(0) { max($0, $1.count) }
    gatherPlan = communicator.gatherPlan(
      slices.map { isShared ? 4 * $0.lowerBound..<4 * $0.upperBound : 0..<0 })
    let distances = ranks.isPowerOfTwo ? ranks.trailingZeroBitCount : 0
    halvings =
      isShared && ranks.isPowerOfTwo
      ? VectorPartition.halvings(elements: elements, rank: rank, ranks: ranks)
      : Array(repeating: (0..<elements, 0..<elements), count: distances)
    watchdog =
      ranks > 1 && method == .native
      ? try Watchdog(message: communicator.allReduceTimeoutMessage) : nil
    let streams = ranks.isPowerOfTwo ? 1 : allNodes.count - nodes.count
    pipeline = try PiecePipeline(
      communicator, streams: ranks == 1 || method == .native ? 0 : streams,
      longest: ranks.isPowerOfTwo ? elements : longestPart)
  }

  deinit { watchdog?.stop() }

  /// Adds the partial sums of all ranks, and returns the total of this rank's part.
  ///
  /// `partials` are the vectors of this rank's `nodes`. In a step with fewer leaves some nodes may
  /// be absent. The vectors are overwritten: the result is the first one, valid in `part` only.
  /// The corresponding MPI function is `MPI_Reduce_scatter`.
  package func reduceScatter(
    _ partials: [UnsafeMutablePointer<Float>], leaves: Int
  ) throws(Failure) -> UnsafeMutablePointer<Float> {
    precondition(leaves > 0, "A step has samples.")
    unsafe precondition(partials.count == nodes.count, "One vector for each node.")
    if communicator.size > 1 {
      switch method {
      case .native: try unsafe sumNatively(partials, leaves)
      case .ordered where communicator.size.isPowerOfTwo: try unsafe halve(partials[0], leaves)
      case .ordered: try unsafe deliver(partials, leaves)
      }
    }
    return unsafe partials[0]
  }

  func add(
    _ right: UnsafePointer<Float>, to left: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    for i in 0..<count { unsafe left[i] += right[i] }
  }
}

extension Communicator {
  /// Throws if there are more ranks than shards.
  package func requireShards(_ shards: Int) throws(Failure) {
    guard size > shards else { return }
    throw Failure(
      .badConfiguration,
      "\(size) ranks but only \(shards) shards; start at most \(shards) ranks, or "
        + "set more shards (which changes the result)")
  }

  /// Prepares a reduction of vectors of this many elements over a tree of `shards` leaves.
  package func prepareReduction(
    elements: Int, shards: Int, method: ReductionMethod = .ordered
  ) throws(Failure) -> GradientReduction {
    try GradientReduction(self, elements: elements, shards: shards, method: method)
  }
}
