package import Diagnostics
internal import Glibc

/// The sum of the shard gradients of a step, added over one fixed tree whoever computed them.
///
/// It owns the memory for what other ranks send, so that a step allocates nothing.
@safe package final class Reduction {
  package let elements: Int
  /// The subtrees whose sums this rank brings along, in order.
  package let nodes: [TreeNode]
  /// The elements that each rank owns after the reduction.
  package let slices: [Range<Int>]

  /// The elements that this rank owns after the reduction.
  package var slice: Range<Int> { slices[communicator.rank] }

  private let communicator: Communicator
  private let allNodes: [TreeNode]
  private let owners: [Int]
  private let merges: [Merge]
  private let halvings: [(kept: Range<Int>, given: Range<Int>)]
  /// Begins with room for the elements before the slice, so that positions in the vector address
  /// what was received; that room is never touched and so takes no memory.
  private let scratch: UnsafeMutablePointer<Float>
  private var sums: [UnsafeMutablePointer<Float>?]

  init(_ communicator: Communicator, elements: Int, shards: Int) throws(Failure) {
    let (rank, ranks) = (communicator.rank, communicator.size)
    precondition(shards.isPowerOfTwo, "The tree is balanced.")
    guard ranks <= shards else {
      throw Failure(
        .badConfiguration,
        "\(ranks) ranks have only \(shards) shards to share; start at most \(shards) ranks, or "
          + "set more shards (which gives other bits)")
    }
    self.communicator = communicator
    self.elements = elements
    let nodesOfRanks = (0..<ranks).map { TreeNode.covering((0..<shards).part($0, of: ranks)) }
    nodes = nodesOfRanks[rank]
    allNodes = nodesOfRanks.flatMap { $0 }
    owners = nodesOfRanks.indices.flatMap { rank in nodesOfRanks[rank].map { _ in rank } }
    merges = TreeNode.merges(of: allNodes)
    slices = Slices.ranges(elements: elements, ranks: ranks)
    halvings =
      ranks.isPowerOfTwo
      ? Slices.halvings(
        chunks: 0..<(elements + Slices.chunk - 1) / Slices.chunk, rank: rank, ranks: ranks
      ).map { (Slices.elementRange($0.kept, elements), Slices.elementRange($0.given, elements)) }
      : []
    let received =
      ranks.isPowerOfTwo
      ? halvings.prefix(2).reduce(0) { $0 + $1.kept.count }
      : (allNodes.count - nodes.count) * slices[rank].count
    let bytes = (slices[rank].lowerBound + received) * MemoryLayout<Float>.stride
    guard let memory = unsafe aligned_alloc(64, (bytes + 64) / 64 * 64) else {
      throw Failure(
        .outOfMemory,
        "no memory to sum the gradients of other ranks: \(bytes.asBytes) are needed; start fewer "
          + "ranks on a host, a power of two if possible")
    }
    unsafe scratch = memory.bindMemory(to: Float.self, capacity: bytes / 4)
    unsafe sums = Array(repeating: nil, count: allNodes.count)
  }

  deinit { unsafe free(scratch) }

  /// Adds the sums that all ranks bring along, and returns the total on the slice of this rank.
  ///
  /// `partials` holds the sums of this rank's `nodes`, nil where no leaf of a node is present. They
  /// serve as work space. The result is addressed by position in the whole vector, is valid within
  /// the slice only, and until the next call; in a group of one it is the partial sum itself.
  package func reduceScatter(
    _ partials: [UnsafeMutablePointer<Float>?], leaves: Int
  ) throws(Failure) -> UnsafeMutablePointer<Float> {
    precondition(leaves > 0, "A step has samples.")
    unsafe precondition(partials.count == nodes.count, "One sum for each node.")
    for place in nodes.indices {
      precondition(
        unsafe (partials[place] != nil) == nodes[place].isPresent(leaves: leaves),
        "A sum is there exactly if its node is.")
    }
    let total =
      communicator.size.isPowerOfTwo
      ? try unsafe halve(partials[0], leaves) : try unsafe deliver(partials, leaves)
    return unsafe total ?? scratch
  }

  /// Halves the vector at partner distance 1, 2, 4, ...: each addition is one node of the tree.
  private func halve(
    _ partial: UnsafeMutablePointer<Float>?, _ leaves: Int
  ) throws(Failure) -> UnsafeMutablePointer<Float>? {
    var node = nodes[0]
    var sum = unsafe partial
    var free = unsafe scratch + slice.lowerBound
    for (step, (kept, given)) in halvings.enumerated() {
      let peer = communicator.rank ^ (1 << step)
      let arrives = node.sibling.isPresent(leaves: leaves)
      let incoming = unsafe free - kept.lowerBound
      if arrives { try unsafe receive(incoming, kept, from: peer) }
      if let sum = unsafe sum { try unsafe send(sum, given, to: peer) }
      try communicator.wait(for: .reduceScatter)
      if arrives {
        if let sum = unsafe sum {
          unsafe add(incoming, to: sum, kept)
        } else {
          unsafe sum = incoming
          unsafe free += kept.count
        }
      }
      node = node.parent
    }
    return unsafe sum
  }

  /// Sends each slice's pieces to its owner, who finishes the tree.
  private func deliver(
    _ partials: [UnsafeMutablePointer<Float>?], _ leaves: Int
  ) throws(Failure) -> UnsafeMutablePointer<Float>? {
    var free = unsafe scratch
    var own = 0
    for (place, owner) in owners.enumerated() {
      unsafe sums[place] = nil
      guard allNodes[place].isPresent(leaves: leaves) else { continue }
      if owner == communicator.rank {
        unsafe sums[place] = partials[own]
        own += 1
      } else {
        unsafe sums[place] = free
        try unsafe receive(free, slice, from: owner)
        unsafe free += slice.count
      }
    }
    for distance in 1..<communicator.size {
      let peer = (communicator.rank + distance) % communicator.size
      for place in nodes.indices {
        guard let partial = unsafe partials[place] else { break }
        try unsafe send(partial, slices[peer], to: peer)
      }
    }
    try communicator.wait(for: .reduceScatter)
    for merge in merges {
      if let left = unsafe sums[merge.into], let right = unsafe sums[merge.from] {
        unsafe add(right, to: left, slice)
      }
    }
    return unsafe sums[0]
  }

  private func send(
    _ vector: UnsafeMutablePointer<Float>, _ range: Range<Int>, to peer: Int
  ) throws(Failure) {
    try unsafe communicator.send(
      vector + range.lowerBound, count: range.count * MemoryLayout<Float>.stride, to: peer,
      in: .reduceScatter)
  }

  private func receive(
    _ vector: UnsafeMutablePointer<Float>, _ range: Range<Int>, from peer: Int
  ) throws(Failure) {
    try unsafe communicator.receive(
      vector + range.lowerBound, count: range.count * MemoryLayout<Float>.stride, from: peer,
      in: .reduceScatter)
  }

  private func add(
    _ right: UnsafeMutablePointer<Float>, to left: UnsafeMutablePointer<Float>,
    _ range: Range<Int>
  ) {
    for i in range { unsafe left[i] += right[i] }
  }
}

extension Communicator {
  /// Prepares the sum of vectors of a number of elements over a tree of `shards` leaves.
  package func prepareReduction(elements: Int, shards: Int) throws(Failure) -> Reduction {
    try Reduction(self, elements: elements, shards: shards)
  }
}
