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

  /// What is added to the product: a row for all of its rows, a matrix, or rows of a table by their
  /// numbers.
  @safe package enum Addend {
    case row(UnsafePointer<Float>)
    case matrix(UnsafePointer<Float>)
    case rows(of: UnsafePointer<Float>, UnsafePointer<Int32>)
  }

  /// The floats between the results, left factors and addends of one product and those of the next,
  /// and the numbers of rows of a table.
  package struct Strides: Sendable {
    var groups: tiles_groups_t

    package init(result: Int, left: Int, addend: Int = 0, numbers: Int = 0) {
      groups = tiles_groups_t(
        rows: 0, result: result, left: left, addend: addend, numbers: numbers)
    }
  }

  /// c = op(a) op(b), with an addend and ReLU if they are asked for.
  ///
  /// `times` is the number of such products, which are `strides` apart, or follow each other.
  package func run(
    _ c: UnsafeMutablePointer<Float>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    packed: UnsafePointer<Float>, times: Int = 1, strides: Strides? = nil,
    addend: Addend? = nil, appliesReLU: Bool = false
  ) {
    let (rows, inner, columns) = (shape.rows, shape.inner, shape.columns)
    let (left, panels) = (shape.transposeLeft, packing.panels)
    var groups = strides?.groups ?? tiles_groups_t()
    groups.rows = rows
    unsafe withUnsafePointer(to: groups) { groups in
      var product = unsafe tiles_product_t(
        result: c, left: a, right: isPacked ? packed : b, rest: panels.rest(in: packed),
        addend: nil, rows: times * rows, columns: columns, inner: inner, resultRow: columns,
        addendRow: 0, leftRow: left ? 1 : inner, leftStep: left ? rows : 1,
        groups: strides != nil && times > 1 ? groups : nil, addendNumbers: nil,
        rightVector: isPacked ? panels.vectorStride : Panels.lanes,
        rightStep: isPacked ? Panels.lanes : columns, leftRows: nil, leftLines: nil,
        appliesReLU: appliesReLU)
      switch addend {
      case nil: break
      case .row(let row): unsafe product.addend = row
      case .matrix(let matrix):
        unsafe (product.addend, product.addendRow) = (matrix, columns)
      case .rows(let table, let numbers):
        unsafe (product.addend, product.addendRow) = (table, columns)
        unsafe product.addendNumbers = numbers
      }
      unsafe tiles_product(&product)
    }
  }
}
