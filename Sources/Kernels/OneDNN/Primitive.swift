internal import COneDNN
package import Diagnostics

/// A prepared oneDNN computation and the memory layouts of its tensors.
///
/// A primitive holds no data and may run on several threads at once: its scratch memory belongs to
/// the caller.
@safe package final class Primitive: @unchecked Sendable {
  let handle: dnnl_primitive_t
  private let description: dnnl_primitive_desc_t

  init(_ operation: UnsafeRawPointer, _ name: String, hint: Primitive? = nil) throws(Failure) {
    let engine = try unsafe OneDNNEngine.shared.handle
    var attributes: dnnl_primitive_attr_t?
    try unsafe OneDNN.check(dnnl_primitive_attr_create(&attributes), "dnnl_primitive_attr_create")
    defer { unsafe dnnl_primitive_attr_destroy(attributes) }
    try unsafe OneDNN.check(
      dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user),
      "dnnl_primitive_attr_set_scratchpad_mode")
    var description: dnnl_primitive_desc_t?
    try unsafe OneDNN.check(
      dnnl_primitive_desc_create(
        &description, operation, attributes, engine, hint?.description), name)
    unsafe (self.description, handle) = try unsafe Primitive.create(description, name)
  }

  /// A copy from one memory layout to another.
  package init(
    reorder source: MemoryArrangement, to destination: MemoryArrangement
  ) throws(Failure) {
    let engine = try unsafe OneDNNEngine.shared.handle
    var (from, to) = (source.descriptor, destination.descriptor)
    var description: dnnl_primitive_desc_t?
    try unsafe OneDNN.check(
      dnnl_reorder_primitive_desc_create(
        &description, &from, engine, &to, engine, nil), "reorder")
    unsafe (self.description, handle) = try unsafe Primitive.create(description, "reorder")
  }

  deinit {
    unsafe dnnl_primitive_destroy(handle)
    unsafe dnnl_primitive_desc_destroy(description)
  }

  private static func create(
    _ description: dnnl_primitive_desc_t?, _ name: String
  ) throws(Failure) -> (dnnl_primitive_desc_t, dnnl_primitive_t) {
    var handle: dnnl_primitive_t?
    try unsafe OneDNN.check(dnnl_primitive_create(&handle, description), name)
    guard let description = unsafe description, let handle = unsafe handle else {
      throw Failure(.internalError, "oneDNN made no primitive for \(name)")
    }
    return unsafe (description, handle)
  }

  /// The layout of one of its tensors.
  package func arrangement(of tensor: PrimitiveTensor) throws(Failure) -> MemoryArrangement {
    let (query, index) = tensor.query
    guard let descriptor = unsafe dnnl_primitive_desc_query_md(description, query, index) else {
      throw Failure(.internalError, "oneDNN does not tell how it lays out a tensor")
    }
    return unsafe MemoryArrangement(descriptor.pointee)
  }

  /// The name of the implementation that oneDNN chose.
  package var implementation: String {
    var text: UnsafePointer<CChar>?
    let status = unsafe withUnsafeMutablePointer(to: &text) {
      unsafe dnnl_primitive_desc_query(description, dnnl_query_impl_info_str, 0, $0)
    }
    guard status == dnnl_success, let text = unsafe text else { return "unknown" }
    return unsafe String(cString: text)
  }
}

/// How oneDNN lays out a tensor in memory.
package struct MemoryArrangement: Equatable, @unchecked Sendable {
  let descriptor: dnnl_memory_desc_t

  init(_ descriptor: dnnl_memory_desc_t) { self.descriptor = descriptor }

  /// Float32 elements of these extents in a format that has a name.
  init(_ extents: [Int], _ tag: dnnl_format_tag_t) throws(Failure) {
    var descriptor = dnnl_memory_desc_t()
    try unsafe OneDNN.check(
      extents.map(Int64.init).withUnsafeBufferPointer {
        unsafe dnnl_memory_desc_init_by_tag(
          &descriptor, Int32(extents.count), $0.baseAddress, dnnl_f32, tag)
      }, "dnnl_memory_desc_init_by_tag \(extents)")
    self.descriptor = descriptor
  }

  package var byteCount: Int {
    unsafe withUnsafePointer(to: descriptor) { unsafe dnnl_memory_desc_get_size($0) }
  }

  package static func == (a: MemoryArrangement, b: MemoryArrangement) -> Bool {
    unsafe withUnsafePointer(to: a.descriptor) { a in
      unsafe withUnsafePointer(to: b.descriptor) { b in unsafe dnnl_memory_desc_equal(a, b) != 0 }
    }
  }
}
