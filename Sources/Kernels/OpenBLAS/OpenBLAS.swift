internal import COpenBLAS
internal import Diagnostics
internal import Glibc
internal import Synchronization

/// The library OpenBLAS, loaded when it is first used.
///
/// It reads its environment while it is loaded, and may start threads then. Loaded late, it finds
/// the environment that the program has set; runs on another engine never load it.
@safe package final class OpenBLAS: Sendable {
  private let sgemm: openblas_sgemm
  /// In a build without threads all callers share one buffer, so they take turns.
  private let isSerial: Bool
  private let turn = Mutex(())
  /// The processor type whose kernels it runs.
  package let coreName: String
  /// The name of the kernels that it runs.
  package var kernels: String { "OpenBLAS \(coreName)" }

  /// The processor whose kernels suit this one, by OpenBLAS's names; nil where its own choice
  /// stands.
  ///
  /// What a processor can do decides, not its model: OpenBLAS 0.3.21 knows no model that is younger
  /// than itself, takes those with AVX-512 for Haswells and others for older ones still, and a
  /// variable that was set for another program may name one that cannot run here. "SkylakeX" needs
  /// all parts of AVX-512 that its kernels are compiled for, Intel's or AMD's; "Haswell" serves
  /// every other processor with AVX2, Zen included, with the same kernels as "Zen".
  package static var suitableCore: String? { core(limit: .auto) }

  private static func core(limit: InstructionSet) -> String? {
    let cores: [(needs: InstructionSet, name: String)] = [
      (.avx512, "SkylakeX"), (.avx2, "Haswell"), (.sse41, "Nehalem"),
    ]
    return cores.first { $0.needs.isAvailable && (limit == .auto || limit == $0.needs) }
      .flatMap { $0.needs == .sse41 && limit == .auto ? nil : $0.name }
  }

  private static let result = Result<OpenBLAS, Failure> { () throws(Failure) in try OpenBLAS() }

  package static var shared: OpenBLAS {
    get throws(Failure) { try result.get() }
  }

  /// Makes the library compute the same whatever the user's environment says: one thread, the
  /// kernels that suit the processor.
  ///
  /// Belongs before the first thread of the process, since others may read the environment.
  package static func prepareEnvironment() { environment }

  private static let environment: Void = {
    var polluted: [String] = []
    var entry = unsafe environ
    while let text = unsafe entry.pointee {
      let name = unsafe String(cString: text).prefix { $0 != "=" }
      if name.hasPrefix("OPENBLAS_") || name.hasPrefix("GOTO") { polluted.append(String(name)) }
      unsafe entry += 1
    }
    for name in polluted { unsafe unsetenv(name) }
    unsafe setenv("OPENBLAS_NUM_THREADS", "1", 1)
    if let core = suitableCore { unsafe setenv("OPENBLAS_CORETYPE", core, 1) }
  }()

  private init() throws(Failure) {
    OpenBLAS.prepareEnvironment()
    // The variable is there, so that its value is all that changes under whoever reads another one.
    let limit = InstructionSet.limit
    if limit != .auto, let core = OpenBLAS.core(limit: limit) {
      unsafe setenv("OPENBLAS_CORETYPE", core, 1)
    }
    guard let library = unsafe dlopen(OPENBLAS_LIBRARY, RTLD_NOW | RTLD_LOCAL) else {
      let reason = unsafe dlerror().map { unsafe String(cString: $0) } ?? "no reason given"
      throw Failure(
        .badConfiguration,
        "engine openblas: expected the library \(OPENBLAS_LIBRARY), found none (\(reason)); "
          + "install libopenblas0 or choose another engine")
    }
    func symbol<Function>(_ name: String, _: Function.Type) throws(Failure) -> Function {
      guard let address = unsafe dlsym(library, name) else {
        throw Failure(
          .badConfiguration, "engine openblas: \(OPENBLAS_LIBRARY) has no function \(name)")
      }
      return unsafe unsafeBitCast(address, to: Function.self)
    }
    unsafe sgemm = try symbol("cblas_sgemm", openblas_sgemm.self)
    try symbol("openblas_set_num_threads", openblas_set_num_threads.self)(1)
    isSerial = try symbol("openblas_get_parallel", openblas_get_parallel.self)() == 0
    let core = try unsafe symbol("openblas_get_corename", openblas_text.self)
    coreName = unsafe String(cString: core())
  }

  /// c = op(a) op(b), or c += op(a) op(b), of row-major matrices whose rows stand that far apart.
  package func multiply(
    _ c: UnsafeMutablePointer<Float>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    rows: Int, inner: Int, columns: Int, strides: (c: Int, a: Int, b: Int),
    transposeLeft: Bool = false, transposeRight: Bool = false, adding: Bool = false
  ) {
    func run() {
      unsafe sgemm(
        Int32(openblas_row_major), order(transposeLeft), order(transposeRight),
        Int32(rows), Int32(columns), Int32(inner), 1, a, Int32(strides.a), b, Int32(strides.b),
        adding ? 1 : 0, c, Int32(strides.c))
    }
    if isSerial { turn.withLock { _ in run() } } else { run() }
  }

  private func order(_ isTransposed: Bool) -> Int32 {
    Int32(isTransposed ? openblas_transposed : openblas_plain)
  }
}

extension OpenBLAS {
  /// Products of matrices without gaps, one after the other.
  package func multiply(
    _ c: UnsafeMutablePointer<Float>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    _ shape: MatrixProductShape
  ) {
    let (rows, inner, columns) = (shape.rows, shape.inner, shape.columns)
    let strides = (
      c: columns, a: shape.transposeLeft ? rows : inner, b: shape.transposeRight ? inner : columns
    )
    for i in 0..<shape.batch {
      unsafe multiply(
        c + i * rows * columns, a + i * rows * inner, b + i * inner * columns, rows: rows,
        inner: inner, columns: columns, strides: strides, transposeLeft: shape.transposeLeft,
        transposeRight: shape.transposeRight)
    }
  }
}
