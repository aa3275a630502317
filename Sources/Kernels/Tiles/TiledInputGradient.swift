/// The gradient of a convolution without groups by its input, for large kernels.
///
/// The product of the output's gradient and the filter has a row for each place of the output: the
/// gradients of its window, which are added to the map. Samples are taken one by one, so the bits
/// of one do not depend on the others.
package struct TiledInputGradient: Sendable {
  private let shape: ConvolutionShape
  private let window: ColumnWindow
  private let panels: Panels
  private let product: TiledProduct
  /// Places of the output, and how many of them are a block of the product.
  private let places: Int
  private let blockRows: Int

  package init(_ shape: ConvolutionShape) {
    self.shape = shape
    let length = shape.filter[1...].reduce(1, *)
    window = ColumnWindow(shape)
    panels = Panels(columns: length, inner: shape.filter[0])
    product = TiledProduct(
      MatrixProductShape(
        batch: 1, rows: 1, inner: shape.filter[0], columns: length, transposeLeft: false,
        transposeRight: false), packsRight: true)
    places = shape.output[1] * shape.output[2]
    // A block stays in the second cache, and fills the tiles.
    blockRows = min(places, max(16, 32768 / length))
  }

  package static func suits(_ shape: ConvolutionShape) -> Bool {
    shape.groups == 1 && shape.hasLargeKernel
  }

  package var scratchCount: Int { blockRows * panels.columns }

  /// The packed filter: in a row, the channels of a tap are adjacent.
  package var packing: PanelPacking {
    PanelPacking(turning: shape.filter[1], columns: panels.columns, inner: panels.inner)
  }

  package func run(
    _ dx: UnsafeMutablePointer<Float>, _ dy: UnsafePointer<Float>, packed: UnsafePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    unsafe dx.update(repeating: 0, count: shape.input.reduce(1, *))
    for sample in 0..<shape.output[0] {
      for first in stride(from: 0, to: places, by: blockRows) {
        let start = sample * places + first
        let rows = start..<start + min(blockRows, places - first)
        let left = unsafe dy + start * panels.inner
        unsafe product.run(scratch, left, left, packed: packed, times: rows.count)
        unsafe window.add(scratch, to: dx, rows: rows, group: 0)
      }
    }
  }
}
