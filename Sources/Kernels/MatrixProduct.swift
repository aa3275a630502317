internal import COneDNN

/// Products of row-major matrices on oneDNN's `dnnl_sgemm`.
package enum MatrixProduct {
  /// c = op(a) op(b) with op(a) of `rows` x `inner` and op(b) of `inner` x `columns`.
  package static func run(
    _ c: UnsafeMutablePointer<Float>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    rows: Int, inner: Int, columns: Int, transposeLeft: Bool, transposeRight: Bool
  ) {
    let status = dnnl_sgemm(
      transposeLeft ? 84 : 78, transposeRight ? 84 : 78, rows, columns, inner, 1, a,
      transposeLeft ? rows : inner, b, transposeRight ? inner : columns, 0, c, columns)
    precondition(status == dnnl_success, "dnnl_sgemm failed with status \(status.rawValue)")
  }
}
