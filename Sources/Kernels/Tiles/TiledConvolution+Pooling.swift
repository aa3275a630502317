internal import CTiles

/// A max-pooling by windows of 2x2, together with the convolution before it: what only the pooling
/// reads never leaves the registers.
extension TiledConvolution {
  /// Whether every window is whole and has four elements.
  package static func suits(_ shape: ConvolutionShape, before pooling: PoolingShape) -> Bool {
    suits(shape) && pooling.hasWindowsOfFour
  }

  /// Elements of one sample's maxima.
  package var maximaCount: Int { sampleCount / 4 }

  /// Writes the maxima of one sample's windows, and where in its window each comes first if there
  /// is a place for it; limited, maxima that are not above 0 become 0.
  package func run(
    maxima: UnsafeMutablePointer<Float>, isLimited: Bool = false,
    winners: UnsafeMutablePointer<UInt8>?, sample: Int, of x: UnsafePointer<Float>,
    packed: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    scratch: UnsafeMutablePointer<Float>
  ) {
    var product = unsafe tiles_product_t(
      result: maxima, left: map.sample(sample, of: x, scratch: scratch), right: packed, rest: nil,
      addend: bias, rows: map.places.count, columns: panels.columns, inner: panels.inner,
      resultRow: panels.columns, addendRow: 0, leftRow: 0, leftStep: 0,
      rightVector: panels.vectorStride, rightStep: Panels.lanes, leftRows: map.places.start,
      leftLines: map.taps.start, isLimited: isLimited)
    unsafe tiles_pooled(&product, winners)
  }
}
