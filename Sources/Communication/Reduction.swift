package import Diagnostics
internal import Glibc

/// Who decides in which order the gradients of ranks are added.
package enum ReductionMethod: String, CaseIterable, Sendable {
  /// One fixed tree over the shards: the same bits on any number of ranks.
  case ordered
  /// MPI, by the number of ranks and the size.
  case native
}

/// The sum of the shard gradients of a step, added over one fixed tree whoever computed them.
///
/// It owns the memory for what other ranks send, so that a step allocates nothing.
@safe package final class Reduction {
  package let elements: Int
  /// The subtrees whose sums this rank brings along, in order.
  package let nodes: [TreeNode]
  /// The elements that each rank answers for: everyone counts them once.
  package let slices: [Range<Int>]
  /// The elements that are summed on each rank, and updated there.
  ///
  /// They are the slices, unless there is too little to share: then all ranks do the same work.
  package let parts: [Range<Int>]
  /// What brings each rank the parts of all others.
  package let gathering: GatherPlan

  /// The elements that are summed on this rank.
  package var part: Range<Int> { parts[communicator.rank] }

  let communicator: Communicator
  let pipeline: PiecePipeline
  let halvings: [(kept: Range<Int>, given: Range<Int>)]
  let allNodes: [TreeNode]
  let owners: [Int]
  /// Where this rank's nodes begin among all.
  let firstPlace: Int
  let longestPart: Int
  let merges: [Merge]
  /// Over MPI's own all-reduce.
  let watchdog: Watchdog?
  private let method: ReductionMethod

  init(
    _ communicator: Communicator, elements: Int, shards: Int, method: ReductionMethod
  ) throws(Failure) {
    let (rank, ranks) = (communicator.rank, communicator.size)
    precondition(shards.isPowerOfTwo, "The tree is balanced.")
    guard ranks <= shards else {
      throw Failure(
        .badConfiguration,
        "\(ranks) ranks have only \(shards) shards to share; start at most \(shards) ranks, or "
          + "set more shards (which gives other bits)")
    }
    self.communicator = communicator
    self.method = method
    self.elements = elements
    let nodesOfRanks = (0..<ranks).map { TreeNode.covering((0..<shards).part($0, of: ranks)) }
    nodes = nodesOfRanks[rank]
    allNodes = nodesOfRanks.flatMap { $0 }
    owners = nodesOfRanks.indices.flatMap { rank in nodesOfRanks[rank].map { _ in rank } }
    firstPlace = nodesOfRanks[..<rank].reduce(0) { $0 + $1.count }
    merges = TreeNode.merges(of: allNodes)
    slices = Slices.ranges(elements: elements, ranks: ranks)
    // One exchange with everything takes half the time of two with half of it.
    let isShared = elements > Slices.chunk
    parts = isShared ? slices : Array(repeating: 0..<elements, count: ranks)
    longestPart = parts.reduce(0) { max($0, $1.count) }
    gathering = communicator.gatherPlan(
      slices.map { isShared ? 4 * $0.lowerBound..<4 * $0.upperBound : 0..<0 })
    let distances = ranks.isPowerOfTwo ? ranks.trailingZeroBitCount : 0
    halvings =
      isShared && ranks.isPowerOfTwo
      ? Slices.halvings(elements: elements, rank: rank, ranks: ranks)
      : Array(repeating: (0..<elements, 0..<elements), count: distances)
    watchdog =
      ranks > 1 && method == .native ? try Watchdog(saying: communicator.silenceInAllReduce) : nil
    let streams = ranks.isPowerOfTwo ? 1 : allNodes.count - nodes.count
    pipeline = try PiecePipeline(
      communicator, streams: ranks == 1 || method == .native ? 0 : streams,
      longest: ranks.isPowerOfTwo ? elements : longestPart)
  }

  deinit { watchdog?.callOff() }

  /// Adds the sums that all ranks bring along, and returns the total on the part of this rank.
  ///
  /// `partials` are the vectors of this rank's `nodes`, some of which may be absent in a step of so
  /// many leaves. They serve as work space: the result is the first of them, valid in the part only.
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
  /// Prepares the sum of vectors of a number of elements over a tree of `shards` leaves.
  package func prepareReduction(
    elements: Int, shards: Int, method: ReductionMethod = .ordered
  ) throws(Failure) -> Reduction {
    try Reduction(self, elements: elements, shards: shards, method: method)
  }
}
