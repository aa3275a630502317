/// Convolutions as matrix products on OpenBLAS.
///
/// Each row of the column matrix holds the window of one place of the output, as `[kh, kw, c]` of
/// its group. The matrix is written in blocks of rows that stay in the second cache; for windows of
/// one element, in the same order, the input is that matrix.
package struct ColumnConvolution: Sendable {
  private let shape: ConvolutionShape
  private let window: ColumnWindow
  private let library: OpenBLAS
  private let isPointwise: Bool
  /// Rows of the column matrix, and of one block of it.
  private let rows: Int
  private let blockRows: Int
  /// Output and input channels of a group, and the length of a row.
  private let outputs: Int
  private let inputs: Int
  private let length: Int

  package init(_ shape: ConvolutionShape, on library: OpenBLAS) {
    self.shape = shape
    self.library = library
    rows = shape.output[0..<3].reduce(1, *)
    outputs = shape.filter[0] / shape.groups
    inputs = shape.filter[1]
    length = shape.filter[1...].reduce(1, *)
    isPointwise =
      shape.filter[2...] == [1, 1] && shape.strides == [1, 1] && shape.low == [0, 0]
      && shape.output[1...2] == shape.input[1...2]
    window = ColumnWindow(shape)
    blockRows = isPointwise ? rows : min(rows, max(64, 32768 / length))
  }

  /// Floats of scratch memory that each pass needs.
  package var scratchCount: Int { isPointwise ? 0 : blockRows * length }

  /// Whether filters have another order than `[o, c / groups, kh, kw]`.
  package var ordersFilters: Bool { inputs > 1 && length > inputs }

  /// From the canonical order of a filter to `[o, kh, kw, c / groups]`.
  package var filterOrder: StridedCopy {
    let places = length / inputs
    return StridedCopy(
      extents: [shape.filter[0], places, inputs], sourceStrides: [length, 1, places],
      destinationStrides: [length, inputs, 1], elementSize: 4)
  }

  /// From `[o, kh, kw, c / groups]` back to the canonical order.
  package var canonicalOrder: StridedCopy {
    let places = length / inputs
    return StridedCopy(
      extents: [shape.filter[0], inputs, places], sourceStrides: [length, 1, inputs],
      destinationStrides: [length, places, 1], elementSize: 4)
  }

  package func run(
    _ y: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, _ filter: UnsafePointer<Float>,
    bias: UnsafePointer<Float>?, scratch: UnsafeMutablePointer<Float>
  ) {
    let channels = shape.filter[0]
    for block in blocks {
      let y = unsafe y + block.lowerBound * channels
      if let bias = unsafe bias {
        for row in 0..<block.count {
          unsafe (y + row * channels).update(from: bias, count: channels)
        }
      }
      for group in 0..<shape.groups {
        let columns = unsafe columns(of: x, block, group, scratch)
        unsafe library.multiply(
          y + group * outputs, columns.start, filter + group * outputs * length,
          rows: block.count, inner: length, columns: outputs,
          strides: (channels, columns.stride, length), transposeRight: true, adding: bias != nil)
      }
    }
  }

  package func inputGradient(
    _ dx: UnsafeMutablePointer<Float>, _ dy: UnsafePointer<Float>, _ filter: UnsafePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let channels = shape.filter[0]
    if !isPointwise { unsafe dx.update(repeating: 0, count: shape.input.reduce(1, *)) }
    for block in blocks {
      for group in 0..<shape.groups {
        let (columns, stride) =
          unsafe isPointwise
          ? (dx + group * inputs, shape.input[3]) : (scratch, length)
        unsafe library.multiply(
          columns, dy + block.lowerBound * channels + group * outputs,
          filter + group * outputs * length, rows: block.count, inner: outputs, columns: length,
          strides: (stride, channels, length))
        if !isPointwise { unsafe window.add(columns, to: dx, rows: block, group: group) }
      }
    }
  }

  /// The gradient is ordered as `[o, kh, kw, c / groups]`.
  package func filterGradient(
    _ gradient: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>,
    _ dy: UnsafePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) {
    let channels = shape.filter[0]
    for block in blocks {
      for group in 0..<shape.groups {
        let columns = unsafe columns(of: x, block, group, scratch)
        unsafe library.multiply(
          gradient + group * outputs * length,
          dy + block.lowerBound * channels + group * outputs, columns.start, rows: outputs,
          inner: block.count, columns: length, strides: (length, channels, columns.stride),
          transposeLeft: true, adding: block.lowerBound > 0)
      }
    }
  }

  private var blocks: some Sequence<Range<Int>> {
    stride(from: 0, to: rows, by: blockRows).lazy.map { $0..<min($0 + blockRows, rows) }
  }

  /// Some rows of a group's column matrix: copied, or the input itself.
  private func columns(
    of x: UnsafePointer<Float>, _ block: Range<Int>, _ group: Int,
    _ scratch: UnsafeMutablePointer<Float>
  ) -> (start: UnsafePointer<Float>, stride: Int) {
    if isPointwise { return unsafe (x + group * inputs, shape.input[3]) }
    unsafe window.copy(x, to: scratch, rows: block, group: group)
    return unsafe (UnsafePointer(scratch), length)
  }
}
