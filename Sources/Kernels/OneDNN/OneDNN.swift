internal import COneDNN
package import Diagnostics

/// The library oneDNN: its engine and stream, and its statuses as failures.
package enum OneDNN {
  /// Makes the library ignore its environment variables and use only the instructions that the
  /// process may use.
  ///
  /// Must run before the first primitive is created.
  fileprivate static func configure() throws(Failure) {
    try check(dnnl_set_max_cpu_isa(InstructionSet.limit.ofOneDNN), "dnnl_set_max_cpu_isa")
    try check(dnnl_set_cpu_isa_hints(dnnl_cpu_isa_no_hints), "dnnl_set_cpu_isa_hints")
    try check(dnnl_set_default_fpmath_mode(dnnl_fpmath_mode_strict), "dnnl_set_default_fpmath_mode")
    try check(dnnl_set_verbose(0), "dnnl_set_verbose")
    try check(dnnl_set_jit_dump(0), "dnnl_set_jit_dump")
  }

  /// Initialises the library.
  package static func start() throws(Failure) { _ = try OneDNNEngine.shared }

  package static var version: String {
    guard let version = unsafe dnnl_version()?.pointee else { return "unknown" }
    return unsafe "\(version.major).\(version.minor).\(version.patch)"
  }

  /// The instructions that the library uses.
  package static var instructions: String {
    switch dnnl_get_effective_cpu_isa() {
    case dnnl_cpu_isa_sse41: "SSE4.1"
    case dnnl_cpu_isa_avx: "AVX"
    case dnnl_cpu_isa_avx2: "AVX2"
    case dnnl_cpu_isa_avx2_vnni: "AVX2 with VNNI"
    case dnnl_cpu_isa_avx512_core: "AVX-512"
    case dnnl_cpu_isa_avx512_core_vnni: "AVX-512 with VNNI"
    case dnnl_cpu_isa_avx512_core_bf16: "AVX-512 with BF16"
    case dnnl_cpu_isa_avx512_core_amx: "AVX-512 with AMX"
    case let other: "instructions 0x\(String(other.rawValue, radix: 16))"
    }
  }

  static func check(_ status: dnnl_status_t, _ call: String) throws(Failure) {
    guard status != dnnl_success else { return }
    if status == dnnl_out_of_memory {
      throw Failure(.outOfMemory, "oneDNN is out of memory (\(call))")
    }
    throw Failure(.internalError, "oneDNN refused \(call) with status \(status.rawValue)")
  }
}

extension InstructionSet {
  fileprivate var ofOneDNN: dnnl_cpu_isa_t {
    switch self {
    case .auto: dnnl_cpu_isa_all
    case .sse41: dnnl_cpu_isa_sse41
    case .avx2: dnnl_cpu_isa_avx2
    case .avx512: dnnl_cpu_isa_avx512_core
    }
  }
}

/// The processor as oneDNN's engine.
///
/// Primitives and streams must share one.
@safe final class OneDNNEngine: @unchecked Sendable {
  let handle: dnnl_engine_t

  private static let result = Result<OneDNNEngine, Failure> { () throws(Failure) in
    try OneDNNEngine()
  }

  static var shared: OneDNNEngine {
    get throws(Failure) { try result.get() }
  }

  private init() throws(Failure) {
    try OneDNN.configure()
    var engine: dnnl_engine_t?
    try unsafe OneDNN.check(dnnl_engine_create(&engine, dnnl_cpu, 0), "dnnl_engine_create")
    guard let engine = unsafe engine else {
      throw Failure(.internalError, "oneDNN has no processor engine")
    }
    unsafe handle = engine
  }
}

/// A queue of primitives, for one thread.
@safe final class OneDNNStream {
  let handle: dnnl_stream_t

  init() throws(Failure) {
    var stream: dnnl_stream_t?
    try unsafe OneDNN.check(
      dnnl_stream_create(&stream, OneDNNEngine.shared.handle, dnnl_stream_default_flags.rawValue),
      "dnnl_stream_create")
    guard let stream = unsafe stream else { throw Failure(.internalError, "oneDNN has no stream") }
    unsafe handle = stream
  }

  deinit { unsafe dnnl_stream_destroy(handle) }
}
