internal import COneDNN
internal import Kernels

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
  let memories: UnsafePointer<dnnl_memory_t>
  let stream: dnnl_stream_t
  let random: RandomPosition

  func raw(_ slot: Slot) -> UnsafeMutableRawPointer { unsafe pointers[slot.index] }

  func numbers<Number>(_ slot: Slot, _: Number.Type) -> UnsafeMutablePointer<Number> {
    unsafe pointers[slot.index].assumingMemoryBound(to: Number.self)
  }

  func floats(_ slot: Slot) -> UnsafeMutablePointer<Float> { unsafe numbers(slot, Float.self) }
  func integers(_ slot: Slot) -> UnsafeMutablePointer<Int32> { unsafe numbers(slot, Int32.self) }
  func bytes(_ slot: Slot) -> UnsafeMutablePointer<UInt8> { unsafe numbers(slot, UInt8.self) }

  /// Runs a primitive on the memories with these numbers.
  func execute(_ primitive: Primitive, _ arguments: [PrimitiveArgument]) {
    unsafe withUnsafeTemporaryAllocation(of: dnnl_exec_arg_t.self, capacity: arguments.count) {
      list in
      for (i, argument) in arguments.enumerated() {
        unsafe list[i] = dnnl_exec_arg_t(arg: argument.role, memory: memories[argument.memory])
      }
      let status = unsafe dnnl_primitive_execute(
        primitive.handle, stream, Int32(arguments.count), list.baseAddress)
      precondition(status == dnnl_success, "a primitive failed with status \(status.rawValue)")
    }
  }
}

/// A tensor that a primitive works on: its role in the call, and the number of its memory object.
struct PrimitiveArgument {
  let role: Int32
  let memory: Int
}

/// One kernel call of a plan.
struct Step: @unchecked Sendable {
  let name: String
  let run: (Frame) -> Void
}
