internal import Kernels

/// The calls of one step of a loop, and the addresses that change from step to step.
///
/// A step moves addresses; items and carries stand where outer values stand, or alternate between
/// two blocks.
struct Loop {
  /// The steps in the order in which they run.
  let order: [Int]
  /// What is called once, before the first step.
  let preparations: [KernelCall]
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
    /// The sequence of the carries of all steps, if it is a result: they stand there.
    var sequence: Slot?
    let byteCount: Int
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
      let isLast = place == order.count - 1
      if let sequence = carry.sequence {
        let start = unsafe addresses[sequence.index]
        unsafe addresses[carry.current.index] = start + step * carry.byteCount
        unsafe addresses[carry.next.index] =
          isLast
          ? addresses[(carry.last ?? even).index] : start + order[place + 1] * carry.byteCount
        continue
      }
      let before = place == 0 ? carry.first : place % 2 == 1 ? even : odd
      let after = isLast ? carry.last : nil
      unsafe addresses[carry.current.index] = addresses[before.index]
      unsafe addresses[carry.next.index] =
        addresses[(after ?? (place % 2 == 0 ? even : odd)).index]
    }
  }

  /// Copies the first carries to where all of them stand.
  func begin(_ addresses: UnsafeMutablePointer<UnsafeMutableRawPointer>) {
    for carry in carries {
      guard let sequence = carry.sequence, let first = order.first else { continue }
      unsafe (addresses[sequence.index] + first * carry.byteCount).copyMemory(
        from: addresses[carry.first.index], byteCount: carry.byteCount)
    }
  }

  func finishStep(_ addresses: UnsafeMutablePointer<UnsafeMutableRawPointer>) {
    for copy in copies {
      unsafe addresses[copy.to.index].copyMemory(
        from: addresses[copy.from.index], byteCount: copy.byteCount)
    }
  }
}
