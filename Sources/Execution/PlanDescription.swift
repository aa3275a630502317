internal import Graphs

/// A plan for people: the kernel calls in order, and the layout of the arena.
package struct PlanDescription: Sendable {
  /// The packing of weights: once a training step, if they have changed.
  package let packings: [Activity]
  /// The kernel calls for each shard, those of a loop behind it.
  package let instructions: [Activity]
  /// In the order of their offsets in the arena.
  package let blocks: [Block]
  package let arenaByteCount: Int
  /// Bytes of the packed weights, which all workers and all plans of the same weights share.
  package let packedByteCount: Int
  /// The number of visits to instructions and blocks that planning took.
  package let work: Int

  /// Memory that holds some values, one after the other, from the instruction that writes the first
  /// value to the one that reads the last.
  package struct Block: Sendable {
    package let contents: String
    package let offset: Int
    package let byteCount: Int
    package let first: Int
    package let last: Int
  }

  /// The most bytes that are in use at one time: a lower bound for any layout.
  package var peakByteCount: Int {
    // At one time, blocks begin before others end.
    let begins = blocks.map { (time: $0.first, isEnd: 0, bytes: $0.byteCount) }
    let ends = blocks.map { (time: $0.last, isEnd: 1, bytes: -$0.byteCount) }
    var (bytes, most) = (0, 0)
    for change in (begins + ends).sorted(by: { ($0.time, $0.isEnd) < ($1.time, $1.isEnd) }) {
      bytes += change.bytes
      most = max(most, bytes)
    }
    return most
  }
}

extension PlanDescription {
  init(_ lowering: Lowering, _ memory: MemoryPlan) {
    packings = lowering.packings.map(\.activity)
    instructions = lowering.calls.flatMap(\.activities)
    arenaByteCount = memory.byteCount
    packedByteCount = lowering.packings.reduce(0) { $0 + $1.weight.stride }
    work = lowering.analysis.work.visits + memory.visits
    let contents = lowering.contents
    var blocks: [Block] = []
    for (slot, kind) in lowering.slots.enumerated() {
      guard case .arena(let block) = kind else { continue }
      let values = contents[slot].map(\.description).joined(separator: " ")
      blocks.append(
        Block(
          contents: values.isEmpty ? "scratch" : values, offset: memory.offsets[blocks.count],
          byteCount: block.byteCount, first: block.first, last: block.last))
    }
    self.blocks = blocks.filter { $0.byteCount > 0 }
      .sorted { ($0.offset, $0.first) < ($1.offset, $1.first) }
  }
}
