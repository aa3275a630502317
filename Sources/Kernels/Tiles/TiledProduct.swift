internal import CTiles

/// The product of two row-major matrices, in tiles of results that stay in registers.
///
/// Each result is one chain of fused multiply-adds in the order of the inner index, whatever the
/// processor: the bits are everywhere the same.
package struct TiledProduct: Sendable {
  private let shape: MatrixProductShape
  /// The right factor if it is transposed, and otherwise those of its columns that fill no vector.
  private let panels: Panels

  package init(_ shape: MatrixProductShape) {
    self.shape = shape
    panels = Panels(
      columns: shape.transposeRight ? shape.columns : shape.columns % Panels.lanes,
      inner: shape.inner)
  }

  /// Floats that `pack` writes; 0 where the right factor is read as it stands.
  package var packedCount: Int { panels.count }

  /// Arranges as much of the right factor as `run` does not read where it stands.
  package func pack(_ right: UnsafePointer<Float>, to packed: UnsafeMutablePointer<Float>) {
    guard !shape.transposeRight else { return unsafe panels.pack(right, to: packed) }
    guard panels.columns > 0 else { return }
    let first = shape.columns - panels.columns
    for k in 0..<shape.inner {
      let (line, from) = unsafe (packed + k * Panels.lanes, right + k * shape.columns + first)
      for lane in 0..<panels.columns { unsafe line[lane] = from[lane] }
      for lane in panels.columns..<Panels.lanes { unsafe line[lane] = 0 }
    }
  }

  /// c = op(a) op(b), or c += op(a) op(b), where the sum is rounded as by a pass of its own.
  package func run(
    _ c: UnsafeMutablePointer<Float>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    packed: UnsafePointer<Float>, adding: Bool = false
  ) {
    let (rows, inner, columns) = (shape.rows, shape.inner, shape.columns)
    let (left, right) = (shape.transposeLeft, shape.transposeRight)
    var product = unsafe tiles_product_t(
      result: c, left: a, right: right ? packed : b, rest: panels.rest(in: packed),
      addend: adding ? UnsafePointer(c) : nil, rows: rows, columns: columns, inner: inner,
      resultRow: columns, addendRow: columns, leftRow: left ? 1 : inner,
      leftStep: left ? rows : 1, rightVector: right ? panels.vectorStride : Panels.lanes,
      rightStep: right ? Panels.lanes : columns, leftRows: nil, leftLines: nil)
    unsafe tiles_product(&product)
  }
}
