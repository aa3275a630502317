internal import Graphs

/// A plan for people: what is computed in which order, and where everything stands.
package struct PlanDescription: Sendable {
  /// The packing of weights: once a step, when they have changed.
  package let packings: [Activity]
  /// What runs for each shard.
  package let instructions: [Activity]
  /// In the order of their places in the arena.
  package let blocks: [Block]
  package let arenaByteCount: Int
  /// Of the packed weights, which all workers share, and other plans of the same weights.
  package let packedByteCount: Int

  /// Memory that holds some values, one after the other, from the instruction that writes the first
  /// to the one that reads the last.
  package struct Block: Sendable {
    package let contents: String
    package let offset: Int
    package let byteCount: Int
    package let first: Int
    package let last: Int
  }

  /// The most bytes that are in use at one time: no arrangement could do with less.
  package var peakByteCount: Int {
    blocks.map { peak in
      blocks.reduce(0) {
        $1.first <= peak.first && peak.first <= $1.last ? $0 + $1.byteCount : $0
      }
    }.max() ?? 0
  }
}

extension PlanDescription {
  init(_ lowering: Lowering, _ memory: MemoryPlan) {
    packings = lowering.packings.map(\.activity)
    instructions = lowering.steps.map(\.activity)
    arenaByteCount = memory.byteCount
    packedByteCount = lowering.packings.reduce(0) { $0 + $1.weight.stride }
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
