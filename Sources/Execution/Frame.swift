internal import Graphs

/// The place of a value of a plan: an index into the pointer table of a session.
struct Slot: Hashable {
  let index: Int
}

/// The memory that a slot of a plan is part of.
enum SlotKind {
  case arena(MemoryPlan.Block)
  /// Offset in elements.
  case parameter(Int)
  case gradient(Int)
  /// The number of a packed weight in the plan.
  case packed(Int)
  /// The same number again and again, for elementwise operations.
  case constant(ConstantBlock)
  /// A loop sets the address in each step.
  case moving
}

/// The argument of a kernel call: the addresses of one shard or of several, and its place in the
/// run.
@safe struct Frame {
  /// The addresses of a shard's slots; behind them those of the next shard.
  let pointers: UnsafePointer<UnsafeMutableRawPointer>
  let slotCount: Int
  /// What the engine's contractions keep for this shard.
  let contractions: (any ContractionSession)?
  var random: RandomPosition
  /// Whether gradients are added to the gradient vector or overwrite it.
  var adds: Bool
  /// The number of shards that the call computes: this one and those behind it.
  var shards = 1

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

  /// The address of a result; nil if it has no reader.
  func floats(_ slot: Slot?) -> UnsafeMutablePointer<Float>? {
    unsafe slot.map { unsafe floats($0) }
  }

  func integers(_ slot: Slot) -> UnsafeMutablePointer<Int32> { unsafe numbers(slot, Int32.self) }
  func bytes(_ slot: Slot) -> UnsafeMutablePointer<UInt8> { unsafe numbers(slot, UInt8.self) }
}
