internal import COneDNN

/// Products of row-major matrices on oneDNN's `dnnl_sgemm`.
package enum MatrixProduct {
  /// c = op(a) op(b) with op(a) of `rows` x `inner` and op(b) of `inner` x `columns`.
  package static func run(
    _ c: UnsafeMutablePointer<Float>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    rows: Int, inner: Int, columns: Int, transposeLeft: Bool, transposeRight: Bool
  ) {
    let (plain, transposed) = (
      CChar(bitPattern: UInt8(ascii: "N")), CChar(bitPattern: UInt8(ascii: "T"))
    )
    let (m, n, k) = (Int64(rows), Int64(columns), Int64(inner))
    let status = unsafe dnnl_sgemm(
      transposeLeft ? transposed : plain, transposeRight ? transposed : plain, m, n, k, 1, a,
      transposeLeft ? m : k, b, transposeRight ? k : n, 0, c, n)
    precondition(status == dnnl_success, "dnnl_sgemm failed with status \(status.rawValue)")
  }
}
