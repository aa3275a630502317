internal import CTiles

/// The product of two row-major matrices, in tiles of results that stay in registers.
///
/// Each result is one chain of fused multiply-adds in the order of the inner index, whatever the
/// processor: the bits are everywhere the same.
package struct TiledProduct: Sendable {
  private let shape: MatrixProductShape
  private let isPacked: Bool
  /// Of the right factor if it is packed, and otherwise of those of its columns that fill no
  /// vector.
  package let packing: PanelPacking

  /// `packsRight` pays where many products share a right factor; one that is transposed is packed in
  /// any case.
  package init(_ shape: MatrixProductShape, packsRight: Bool = false) {
    self.shape = shape
    isPacked = packsRight || shape.transposeRight
    let (columns, inner) = (shape.columns, shape.inner)
    packing =
      shape.transposeRight
      ? PanelPacking(columns: columns, inner: inner)
      : PanelPacking(
        last: isPacked ? columns : columns % Panels.lanes, of: columns, inner: inner)
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
    let (left, panels) = (shape.transposeLeft, packing.panels)
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
