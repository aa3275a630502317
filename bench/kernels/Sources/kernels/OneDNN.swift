internal import CDNNL

/// A primitive of oneDNN with its memory, as `Sources/Kernels` makes them: channels-last maps,
/// weights in the order that the primitive likes, direct convolution, scratch memory of the caller.
final class OneDNN {
  enum Pass { case forward, inputGradient, filterGradient }

  private nonisolated(unsafe) static let engine: dnnl_engine_t? = {
    var engine: dnnl_engine_t?
    check(dnnl_engine_create(&engine, dnnl_cpu, 0))
    return engine
  }()
  private nonisolated(unsafe) static let stream: dnnl_stream_t? = {
    var stream: dnnl_stream_t?
    check(dnnl_stream_create(&stream, engine, dnnl_stream_default_flags.rawValue))
    return stream
  }()

  private var primitive: dnnl_primitive_t?
  private var arguments: [dnnl_exec_arg_t] = []
  private var buffers: [Buffer] = []
  let implementation: String

  /// One thread, and the instructions that our kernels are compiled for.
  static func prepare() {
    omp_set_num_threads(1)
    #if SMALL_TILES
      check(dnnl_set_max_cpu_isa(dnnl_cpu_isa_avx2))
    #endif
    check(dnnl_set_default_fpmath_mode(dnnl_fpmath_mode_strict))
  }

  init(_ pass: Pass, _ shape: ConvolutionShape) {
    func descriptor(_ extents: [Int], _ tag: dnnl_format_tag_t) -> dnnl_memory_desc_t {
      var descriptor = dnnl_memory_desc_t()
      Self.check(
        dnnl_memory_desc_init_by_tag(
          &descriptor, Int32(extents.count), extents.map(Int64.init), dnnl_f32, tag))
      return descriptor
    }
    var input = descriptor([shape.samples, shape.inputs, shape.height, shape.width], dnnl_acdb)
    var output = descriptor([shape.samples, shape.outputs, shape.height, shape.width], dnnl_acdb)
    var filter = descriptor([shape.outputs, shape.inputs, 3, 3], dnnl_format_tag_any)
    let ones: [Int64] = [1, 1]
    var attributes: dnnl_primitive_attr_t?
    Self.check(dnnl_primitive_attr_create(&attributes))
    Self.check(dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user))
    func make(
      _ operation: inout dnnl_convolution_desc_t, hint: dnnl_primitive_desc_t?
    ) -> dnnl_primitive_desc_t? {
      var description: dnnl_primitive_desc_t?
      Self.check(
        dnnl_primitive_desc_create(&description, &operation, attributes, Self.engine, hint))
      return description
    }
    var operation = dnnl_convolution_desc_t()
    Self.check(
      dnnl_convolution_forward_desc_init(
        &operation, dnnl_forward_training, dnnl_convolution_direct, &input, &filter, nil, &output,
        ones, ones, ones))
    var description = make(&operation, hint: nil)
    switch pass {
    case .forward: break
    case .inputGradient:
      Self.check(
        dnnl_convolution_backward_data_desc_init(
          &operation, dnnl_convolution_direct, &input, &filter, &output, ones, ones, ones))
      description = make(&operation, hint: description)
    case .filterGradient:
      Self.check(
        dnnl_convolution_backward_weights_desc_init(
          &operation, dnnl_convolution_direct, &input, &filter, nil, &output, ones, ones, ones))
      description = make(&operation, hint: description)
    }
    Self.check(dnnl_primitive_create(&primitive, description))
    var name: UnsafePointer<CChar>?
    Self.check(dnnl_primitive_desc_query(description, dnnl_query_impl_info_str, 0, &name))
    implementation = name.map { String(cString: $0) } ?? ""

    let roles: [(Int32, dnnl_query_t)] =
      switch pass {
      case .forward:
        [(1, dnnl_query_src_md), (33, dnnl_query_weights_md), (17, dnnl_query_dst_md)]
      case .inputGradient:
        [
          (145, dnnl_query_diff_dst_md), (33, dnnl_query_weights_md),
          (129, dnnl_query_diff_src_md),
        ]
      case .filterGradient:
        [
          (1, dnnl_query_src_md), (145, dnnl_query_diff_dst_md),
          (161, dnnl_query_diff_weights_md),
        ]
      }
    for (index, (argument, role)) in (roles + [(80, dnnl_query_scratchpad_md)]).enumerated() {
      let memory = dnnl_primitive_desc_query_md(description, role, 0)
      let buffer = Buffer(random: dnnl_memory_desc_get_size(memory) / 4, seed: UInt64(index))
      buffers.append(buffer)
      var handle: dnnl_memory_t?
      Self.check(dnnl_memory_create(&handle, memory, Self.engine, buffer.pointer))
      arguments.append(dnnl_exec_arg_t(arg: argument, memory: handle))
    }
  }

  func run() {
    Self.check(
      dnnl_primitive_execute(primitive, Self.stream, Int32(arguments.count), arguments))
  }

  /// c = op(a) op(b) + beta c on `dnnl_sgemm`, row-major, op(a) of m x k and op(b) of k x n.
  static func multiply(
    _ c: UnsafeMutablePointer<Float>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    _ shape: ProductShape, beta: Float = 0
  ) {
    let (plain, transposed) = (CChar(78), CChar(84))
    let (left, right) = (shape.kind == .transposedLeft, shape.kind == .transposedRight)
    let (m, n, k) = (Int64(shape.rows), Int64(shape.columns), Int64(shape.inner))
    check(
      dnnl_sgemm(
        left ? transposed : plain, right ? transposed : plain, m, n, k, 1, a, left ? m : k, b,
        right ? k : n, beta, c, n))
  }

  private static func check(_ status: dnnl_status_t) {
    precondition(status == dnnl_success, "oneDNN: status \(status.rawValue)")
  }
}
