internal import COneDNN
package import Diagnostics

/// A tensor that a primitive reads or writes; a reorder has a source and a destination.
package enum PrimitiveTensor: Sendable {
  case source, weights, bias, destination
  case sourceGradient, weightsGradient, destinationGradient
  case scratchpad

  fileprivate var role: Int32 {
    switch self {
    case .source: DNNL_ARG_SRC
    case .weights: DNNL_ARG_WEIGHTS
    case .bias: DNNL_ARG_BIAS
    case .destination: DNNL_ARG_DST
    case .sourceGradient: DNNL_ARG_DIFF_SRC
    case .weightsGradient: DNNL_ARG_DIFF_WEIGHTS
    case .destinationGradient: DNNL_ARG_DIFF_DST
    case .scratchpad: DNNL_ARG_SCRATCHPAD
    }
  }

  /// The query for its memory layout; the bias is the second of the weights.
  var query: (dnnl_query_t, Int32) {
    switch self {
    case .source: (dnnl_query_src_md, 0)
    case .weights: (dnnl_query_weights_md, 0)
    case .bias: (dnnl_query_weights_md, 1)
    case .destination: (dnnl_query_dst_md, 0)
    case .sourceGradient: (dnnl_query_diff_src_md, 0)
    case .weightsGradient: (dnnl_query_diff_weights_md, 0)
    case .destinationGradient: (dnnl_query_diff_dst_md, 0)
    case .scratchpad: (dnnl_query_scratchpad_md, 0)
    }
  }
}

/// One tensor of a call, and the number of its memory object in a session.
package struct PrimitiveArgument: Sendable {
  private let tensor: PrimitiveTensor
  private let memory: Int

  package init(_ tensor: PrimitiveTensor, memory: Int) {
    self.tensor = tensor
    self.memory = memory
  }

  fileprivate func value(_ memories: UnsafePointer<dnnl_memory_t>) -> dnnl_exec_arg_t {
    unsafe dnnl_exec_arg_t(arg: tensor.role, memory: memories[memory])
  }
}

/// The state of primitives on one thread: memory objects, which hold addresses, and a stream.
@safe package final class PrimitiveSession {
  private let stream: OneDNNStream
  private let memories: UnsafeMutablePointer<dnnl_memory_t>
  private let memoryCount: Int

  package init(
    _ tensors: [(arrangement: MemoryArrangement, address: UnsafeMutableRawPointer)]
  ) throws(Failure) {
    stream = try OneDNNStream()
    let engine = try unsafe OneDNNEngine.shared.handle
    memoryCount = unsafe tensors.count
    let memories = UnsafeMutablePointer<dnnl_memory_t>.allocate(capacity: max(1, memoryCount))
    for index in 0..<memoryCount {
      var descriptor = unsafe tensors[index].arrangement.descriptor
      var memory: dnnl_memory_t?
      try unsafe OneDNN.check(
        dnnl_memory_create(&memory, &descriptor, engine, tensors[index].address),
        "dnnl_memory_create")
      guard let memory = unsafe memory else {
        throw Failure(.outOfMemory, "oneDNN has no memory object")
      }
      unsafe memories[index] = memory
    }
    unsafe self.memories = memories
  }

  deinit {
    for index in 0..<memoryCount { unsafe dnnl_memory_destroy(memories[index]) }
    unsafe memories.deallocate()
  }

  package func move(_ memory: Int, to address: UnsafeMutableRawPointer) {
    let status = unsafe dnnl_memory_set_data_handle(memories[memory], address)
    precondition(status == dnnl_success, "a memory object refused its address")
  }

  package func execute(_ primitive: Primitive, _ arguments: [PrimitiveArgument]) {
    unsafe withUnsafeTemporaryAllocation(of: dnnl_exec_arg_t.self, capacity: arguments.count) {
      list in
      for (i, argument) in arguments.enumerated() { unsafe list[i] = argument.value(memories) }
      let status = unsafe dnnl_primitive_execute(
        primitive.handle, stream.handle, Int32(arguments.count), list.baseAddress)
      precondition(status == dnnl_success, "a primitive failed with status \(status.rawValue)")
    }
  }
}
