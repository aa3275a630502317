/// The extents of a batch of products of row-major matrices without gaps.
package struct MatrixProductShape: Sendable {
  package let batch: Int
  package let rows: Int
  package let inner: Int
  package let columns: Int
  /// Whether the left matrix is `[inner, rows]`.
  package let transposeLeft: Bool
  /// Whether the right matrix is `[columns, inner]`.
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
