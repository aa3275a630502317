internal import CTiles

/// The gradient of a convolution by its filter, as a matrix product: rows are the elements of a
/// filter, the inner index runs over places of the output, columns are output channels.
///
/// Places are taken in blocks that stay in the first cache; their sums are added in order.
package struct TiledFilterGradient: Sendable {
  static let stretch = 112

  private let shape: ConvolutionShape
  let map: SlidingMap

  /// `pooling` is a max-pooling behind the convolution, from whose gradient it is computed.
  package init(_ shape: ConvolutionShape, after pooling: PoolingShape? = nil) {
    self.shape = shape
    map = SlidingMap(shape, before: pooling)
  }

  /// Whether tiles are faster than oneDNN: if they are for the convolution, and for all large
  /// kernels.
  package static func suits(_ shape: ConvolutionShape) -> Bool {
    TiledConvolution.suits(shape)
      || (shape.hasLargeKernel && shape.groups == 1 && SlidingMap.suits(shape))
  }

  var outputs: Int { shape.filter[0] }

  /// Output channels that fill no vector.
  private var rest: Int { outputs % Panels.lanes }
  private var restCount: Int { rest == 0 ? 0 : map.places.count * Panels.lanes }

  /// Scratch memory for the sums, for a sample, and for its channels that fill no vector.
  package var scratchCount: Int { map.taps.count * outputs + map.scratchCount + restCount }

  /// Writes the gradient in the order of the filter.
  package func run(
    _ gradient: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>,
    _ dy: UnsafePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) {
    for sample in 0..<shape.output[0] {
      unsafe add(sample: sample, of: x, dy + sample * sampleCount, scratch: scratch)
    }
    unsafe finish(gradient, scratch: scratch)
  }

  /// Elements of one sample's gradient of the output.
  package var sampleCount: Int { map.places.count * outputs }

  /// Adds the gradient of one sample; the first sample overwrites the sums.
  package func add(
    sample: Int, of x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let (taps, places) = (map.taps.count, map.places.count)
    let sums = unsafe scratch
    let left = unsafe map.sample(sample, of: x, scratch: scratch + taps * outputs)
    let lines = unsafe rest == 0 ? nil : scratch + taps * outputs + map.scratchCount
    if let lines = unsafe lines { unsafe copyRest(of: dy, to: lines) }
    for first in stride(from: 0, to: places, by: TiledFilterGradient.stretch) {
      let isFirst = sample == 0 && first == 0
      var product = unsafe tiles_product_t(
        result: sums, left: left, right: dy + first * outputs,
        rest: lines.map { unsafe UnsafePointer($0 + first * Panels.lanes) },
        addend: isFirst ? nil : UnsafePointer(sums), rows: taps, columns: outputs,
        inner: min(TiledFilterGradient.stretch, places - first), resultRow: outputs,
        addendRow: outputs, leftRow: 0, leftStep: 0, groups: nil, addendNumbers: nil,
        rightVector: Panels.lanes, rightStep: outputs,
        leftRows: map.taps.start, leftLines: map.places.start + first,
        appliesReLU: false)
      unsafe tiles_product(&product)
    }
  }

  /// Copies the channels that fill no vector, with zeros behind them.
  private func copyRest(of dy: UnsafePointer<Float>, to lines: UnsafeMutablePointer<Float>) {
    for place in 0..<map.places.count {
      let from = unsafe dy + (place + 1) * outputs - rest
      let to = unsafe lines + place * Panels.lanes
      for lane in 0..<rest { unsafe to[lane] = from[lane] }
      for lane in rest..<Panels.lanes { unsafe to[lane] = 0 }
    }
  }

  /// Transposes the sums to the order of the filter.
  package func finish(
    _ gradient: UnsafeMutablePointer<Float>, scratch: UnsafePointer<Float>
  ) {
    unsafe Transposition.run(
      scratch, rows: map.taps.count, columns: outputs, stride: outputs, to: gradient,
      stride: map.taps.count)
  }
}
