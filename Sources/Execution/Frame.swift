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
  /// Offset in bytes of the memory that all workers share.
  case prepared(Int)
}

/// What the kernel calls of a plan see while they run.
@safe struct Frame {
  let pointers: UnsafePointer<UnsafeMutableRawPointer>
  /// What the engine's contractions keep for this worker.
  let contractions: (any ContractionSession)?
  let random: RandomPosition
  /// Whether gradients are added to what stands in their place.
  let adds: Bool

  func raw(_ slot: Slot) -> UnsafeMutableRawPointer { unsafe pointers[slot.index] }

  func numbers<Number>(_ slot: Slot, _: Number.Type) -> UnsafeMutablePointer<Number> {
    unsafe pointers[slot.index].assumingMemoryBound(to: Number.self)
  }

  func floats(_ slot: Slot) -> UnsafeMutablePointer<Float> { unsafe numbers(slot, Float.self) }
  func integers(_ slot: Slot) -> UnsafeMutablePointer<Int32> { unsafe numbers(slot, Int32.self) }
  func bytes(_ slot: Slot) -> UnsafeMutablePointer<UInt8> { unsafe numbers(slot, UInt8.self) }
}

/// One kernel call of a plan.
struct Step: @unchecked Sendable {
  let activity: Activity
  /// Nil where another step completes it, or reads what this one only prepares.
  var result: Result?
  let run: (Frame) -> Void

  /// Where a step leaves its value, or the first of several.
  struct Result {
    let value: Value
    let slot: Slot
    let byteCount: Int
  }
}
