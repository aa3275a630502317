internal import CTiles

/// A convolution with a max-pooling by windows of 2x2 behind it: its output stays in registers.
extension TiledConvolution {
  /// Whether every window is whole and has four elements.
  package static func suits(_ shape: ConvolutionShape, before pooling: PoolingShape) -> Bool {
    suits(shape) && pooling.hasWindowsOfFour
  }

  /// Elements of one sample's maxima.
  package var maximaCount: Int { sampleCount / 4 }

  /// Writes the maxima of one sample, with ReLU if it is asked for, and the argmax unless it is
  /// nil.
  package func run(
    maxima: UnsafeMutablePointer<Float>, appliesReLU: Bool = false,
    argmax: UnsafeMutablePointer<UInt8>?, sample: Int, of x: UnsafePointer<Float>,
    packed: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    scratch: UnsafeMutablePointer<Float>
  ) {
    var product = unsafe tiles_product_t(
      result: maxima, left: map.sample(sample, of: x, scratch: scratch), right: packed, rest: nil,
      addend: bias, rows: map.places.count, columns: panels.columns, inner: panels.inner,
      resultRow: panels.columns, addendRow: 0, leftRow: 0, leftStep: 0, groups: nil,
      addendNumbers: nil,
      rightVector: panels.vectorStride, rightStep: Panels.lanes, leftRows: map.places.start,
      leftLines: map.taps.start, appliesReLU: appliesReLU)
    unsafe tiles_pooled(&product, argmax)
  }
}
