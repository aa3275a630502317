internal import COneDNN

/// Products of row-major matrices on oneDNN's `dnnl_sgemm`.
package enum MatrixProduct {
  /// c = op(a) op(b) for one matrix of the batch.
  package static func run(
    _ c: UnsafeMutablePointer<Float>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    _ shape: MatrixProductShape
  ) {
    let (plain, transposed) = (
      CChar(bitPattern: UInt8(ascii: "N")), CChar(bitPattern: UInt8(ascii: "T"))
    )
    let (m, n, k) = (Int64(shape.rows), Int64(shape.columns), Int64(shape.inner))
    let status = unsafe dnnl_sgemm(
      shape.transposeLeft ? transposed : plain, shape.transposeRight ? transposed : plain, m, n, k,
      1, a, shape.transposeLeft ? m : k, b, shape.transposeRight ? k : n, 0, c, n)
    precondition(status == dnnl_success, "dnnl_sgemm failed with status \(status.rawValue)")
  }
}
