/// The extents of products of row-major matrices, one after the other in memory.
package struct MatrixProductShape: Sendable {
  package let batch: Int
  package let rows: Int
  package let inner: Int
  package let columns: Int
  /// Whether the left matrix stands as `[inner, rows]`.
  package let transposeLeft: Bool
  /// Whether the right matrix stands as `[columns, inner]`.
  package let transposeRight: Bool

  package init(
    batch: Int, rows: Int, inner: Int, columns: Int, transposeLeft: Bool, transposeRight: Bool
  ) {
    self.batch = batch
    self.rows = rows
    self.inner = inner
    self.columns = columns
    self.transposeLeft = transposeLeft
    self.transposeRight = transposeRight
  }
}
