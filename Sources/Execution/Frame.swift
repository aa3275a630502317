internal import Graphs

/// Where a value of a plan stands: an index into the pointer table of a session.
struct Slot: Hashable {
  let index: Int
}

/// What a slot of a plan is part of.
enum SlotKind {
  case arena(MemoryPlan.Block)
  /// Offset in elements.
  case parameter(Int)
  case gradient(Int)
  /// The number of a packed weight in the plan.
  case packed(Int)
}

/// What the kernel calls of a plan see while they run.
@safe struct Frame {
  /// The addresses of a shard's slots; behind them those of the next shard.
  let pointers: UnsafePointer<UnsafeMutableRawPointer>
  let slotCount: Int
  /// What the engine's contractions keep for this shard.
  let contractions: (any ContractionSession)?
  let random: RandomPosition
  /// Whether gradients are added to what stands in their place.
  let adds: Bool
  /// How many shards the call computes: this one and those behind it.
  let shards: Int

  /// Floats between a slot of one shard and the same of the next.
  func stride(_ slot: Slot) -> Int {
    guard shards > 1 else { return 0 }
    return unsafe (pointers[slotCount + slot.index] - pointers[slot.index])
      / MemoryLayout<Float>.stride
  }

  func raw(_ slot: Slot) -> UnsafeMutableRawPointer { unsafe pointers[slot.index] }

  func numbers<Number>(_ slot: Slot, _: Number.Type) -> UnsafeMutablePointer<Number> {
    unsafe pointers[slot.index].assumingMemoryBound(to: Number.self)
  }

  func floats(_ slot: Slot) -> UnsafeMutablePointer<Float> { unsafe numbers(slot, Float.self) }

  /// Where a result goes; nil if nobody reads it.
  func floats(_ slot: Slot?) -> UnsafeMutablePointer<Float>? {
    unsafe slot.map { unsafe floats($0) }
  }

  func integers(_ slot: Slot) -> UnsafeMutablePointer<Int32> { unsafe numbers(slot, Int32.self) }
  func bytes(_ slot: Slot) -> UnsafeMutablePointer<UInt8> { unsafe numbers(slot, UInt8.self) }
}

/// One kernel call of a plan.
struct Step: @unchecked Sendable {
  let activity: Activity
  let reach: Reach
  /// None where another step completes them, or reads what this one only prepares.
  var results: [Result]
  let run: (Frame) -> Void

  /// Where several shards are computed at once, for how many of them a step is called.
  enum Reach {
    /// For each by itself.
    case shard
    /// For all if these slots of one shard directly follow those of another, and otherwise for each.
    case rows([Slot])
    /// For all.
    case all
  }

  /// Where a step leaves a value, or the first of several.
  struct Result {
    let value: Value
    let slot: Slot
    let byteCount: Int
  }
}
