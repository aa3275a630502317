internal import CTiles

/// The product of two row-major matrices, in tiles of results that stay in registers.
///
/// Each result is one chain of fused multiply-adds in the order of the inner index, whatever the
/// processor: the bits are everywhere the same.
package struct TiledProduct: Sendable {
  private let shape: MatrixProductShape
  /// The right factor if it is packed, and otherwise those of its columns that fill no vector.
  private let panels: Panels
  private let isPacked: Bool

  /// `packsRight` pays where many products share a right factor; one that is transposed is packed in
  /// any case.
  package init(_ shape: MatrixProductShape, packsRight: Bool = false) {
    self.shape = shape
    isPacked = packsRight || shape.transposeRight
    panels = Panels(
      columns: isPacked ? shape.columns : shape.columns % Panels.lanes, inner: shape.inner)
  }

  /// Floats that `pack` writes; 0 where the right factor is read as it stands.
  package var packedCount: Int { panels.count }

  /// Arranges as much of the right factor as `run` does not read where it stands.
  package func pack(_ right: UnsafePointer<Float>, to packed: UnsafeMutablePointer<Float>) {
    guard !shape.transposeRight else { return unsafe panels.pack(right, to: packed) }
    let first = shape.columns - panels.columns
    unsafe panels.pack(lines: right + first, stride: shape.columns, to: packed)
  }

  /// c = op(a) op(b), and a bias may be added to every row; limited, what is not above 0 becomes 0.
  ///
  /// A left factor that is not transposed may have as many rows several times over.
  package func run(
    _ c: UnsafeMutablePointer<Float>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    packed: UnsafePointer<Float>, times: Int = 1, bias: UnsafePointer<Float>? = nil,
    isLimited: Bool = false
  ) {
    let (rows, inner, columns) = (times * shape.rows, shape.inner, shape.columns)
    let left = shape.transposeLeft
    var product = unsafe tiles_product_t(
      result: c, left: a, right: isPacked ? packed : b, rest: panels.rest(in: packed),
      addend: bias, rows: rows, columns: columns, inner: inner,
      resultRow: columns, addendRow: 0, leftRow: left ? 1 : inner,
      leftStep: left ? rows : 1, rightVector: isPacked ? panels.vectorStride : Panels.lanes,
      rightStep: isPacked ? Panels.lanes : columns, leftRows: nil, leftLines: nil,
      isLimited: isLimited)
    unsafe tiles_product(&product)
  }
}
