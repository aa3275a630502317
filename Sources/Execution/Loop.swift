internal import Kernels

/// The calls of one step of a loop, and the addresses that change from step to step.
///
/// A step moves addresses; items and carries stand where outer values stand, or alternate between
/// two blocks.
struct Loop {
  /// The steps in the order in which they run.
  let order: [Int]
  let calls: [KernelCall]
  let items: [Item]
  let carries: [Carry]
  /// What a step copies at its end.
  let copies: [Copy]

  /// An item of a sequence that the body reads or writes.
  struct Item {
    let slot: Slot
    let sequence: Slot
    let byteCount: Int
  }

  struct Carry {
    /// Where a step reads it, and where it writes it.
    let current: Slot
    let next: Slot
    /// Where the first step reads it.
    let first: Slot
    /// The blocks that steps write to in turn.
    let blocks: (Slot, Slot)
    /// Where the last step writes it; nil if that result is not read.
    let last: Slot?
  }

  struct Copy {
    let from: Slot
    let to: Slot
    let byteCount: Int
  }

  /// The slots whose addresses it sets.
  var moving: [Slot] {
    items.map(\.slot) + carries.flatMap { [$0.current, $0.next] }
      + calls.flatMap { $0.loop?.moving ?? [] }
  }

  /// The slots among which a carry moves; nil for other slots.
  func places(of slot: Slot) -> [Slot]? {
    for carry in carries {
      let blocks = [carry.blocks.0, carry.blocks.1]
      if slot == carry.current { return [carry.first] + blocks }
      if slot == carry.next { return blocks + (carry.last.map { [$0] } ?? []) }
    }
    return nil
  }

  /// The calls with results, each with an empty digest for each of them.
  var resultCalls: [(call: KernelCall, digests: [Digest])] {
    calls.flatMap { call in
      [(call, call.results.map { _ in Digest() })] + (call.loop?.resultCalls ?? [])
    }
  }

  /// Sets the addresses of a shard for the step that runs as number `place`.
  func move(_ addresses: UnsafeMutablePointer<UnsafeMutableRawPointer>, to place: Int) {
    let step = order[place]
    for item in items {
      unsafe addresses[item.slot.index] = addresses[item.sequence.index] + step * item.byteCount
    }
    for carry in carries {
      let (even, odd) = carry.blocks
      let before = place == 0 ? carry.first : place % 2 == 1 ? even : odd
      let after = place == order.count - 1 ? carry.last : nil
      unsafe addresses[carry.current.index] = addresses[before.index]
      unsafe addresses[carry.next.index] =
        addresses[(after ?? (place % 2 == 0 ? even : odd)).index]
    }
  }

  func finishStep(_ addresses: UnsafeMutablePointer<UnsafeMutableRawPointer>) {
    for copy in copies {
      unsafe addresses[copy.to.index].copyMemory(
        from: addresses[copy.from.index], byteCount: copy.byteCount)
    }
  }
}
