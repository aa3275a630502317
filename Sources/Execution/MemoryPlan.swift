/// The offsets of the values of a program in one arena: values that are alive at the same time
/// never overlap, others share memory.
package struct MemoryPlan {
  /// Memory that is needed from one instruction to another, both included.
  package struct Block {
    package var byteCount: Int
    package var first: Int
    package var last: Int
    /// Whether all shards have it in common.
    package var isShared: Bool

    package init(byteCount: Int, first: Int, last: Int, isShared: Bool = false) {
      self.byteCount = byteCount
      self.first = first
      self.last = last
      self.isShared = isShared
    }

    fileprivate var duration: Int { last - first }
  }

  private static let alignment = 64

  package let offsets: [Int]
  package let byteCount: Int
  /// The visits that it took to find them, which grow as n log n.
  package let visits: Int

  /// Places large blocks first, of equal blocks those that live longest, each at the lowest offset
  /// that is free for its time.
  package init(_ blocks: [Block]) {
    let sizes = blocks.map(MemoryPlan.stride)
    let order = blocks.indices.sorted {
      (-sizes[$0], -blocks[$0].duration, $0) < (-sizes[$1], -blocks[$1].duration, $1)
    }
    var offsets = [Int](repeating: 0, count: blocks.count)
    var occupancy = Occupancy(times: blocks.reduce(0) { max($0, $1.last + 1) })
    var total = 0
    for index in order {
      let times = blocks[index].first...blocks[index].last
      let offset = occupancy.lowestGap(of: sizes[index], at: times)
      occupancy.take(offset..<offset + sizes[index], at: times)
      offsets[index] = offset
      total = max(total, offset + sizes[index])
    }
    self.offsets = offsets
    byteCount = total
    visits = occupancy.visits
  }

  /// The bytes that a block takes: each begins at an address that is aligned for vectors.
  static func stride(_ block: Block) -> Int {
    (block.byteCount + alignment - 1) / alignment * alignment
  }

  /// The blocks of a plan, each once for each shard or once for all.
  init(_ slots: [SlotKind], shards: Int = 1) {
    self.init(
      slots.compactMap { slot in
        guard case .arena(var block) = slot else { return nil }
        if shards > 1, !block.isShared { block.byteCount = shards * MemoryPlan.stride(block) }
        return block
      })
  }
}
