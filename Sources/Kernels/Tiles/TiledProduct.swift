internal import CTiles

/// The product of two row-major matrices, in tiles of results that stay in registers.
///
/// Each result is one chain of fused multiply-adds in the order of the inner index, so its bits do
/// not depend on the processor.
package struct TiledProduct: Sendable {
  private let shape: MatrixProductShape
  private let isPacked: Bool
  /// The packing of the right factor, or of its columns that fill no vector.
  package let packing: PanelPacking

  /// `packsRight` pays if many products have the same right factor; a transposed one is always
  /// packed.
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

  /// c = op(a) op(b), with a bias for each column and ReLU if they are asked for.
  ///
  /// `times` is the number of such products whose left factors and results follow each other.
  package func run(
    _ c: UnsafeMutablePointer<Float>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    packed: UnsafePointer<Float>, times: Int = 1, bias: UnsafePointer<Float>? = nil,
    appliesReLU: Bool = false
  ) {
    let (rows, inner, columns) = (times * shape.rows, shape.inner, shape.columns)
    let (left, panels) = (shape.transposeLeft, packing.panels)
    var product = unsafe tiles_product_t(
      result: c, left: a, right: isPacked ? packed : b, rest: panels.rest(in: packed),
      addend: bias, rows: rows, columns: columns, inner: inner,
      resultRow: columns, addendRow: 0, leftRow: left ? 1 : inner,
      leftStep: left ? rows : 1, rightVector: isPacked ? panels.vectorStride : Panels.lanes,
      rightStep: isPacked ? Panels.lanes : columns, leftRows: nil, leftLines: nil,
      appliesReLU: appliesReLU)
    unsafe tiles_product(&product)
  }
}
