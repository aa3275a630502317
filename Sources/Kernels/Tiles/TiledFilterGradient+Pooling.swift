internal import CTiles

/// From the gradient of a max-pooling with windows of 2x2, which is scattered in registers.
extension TiledFilterGradient {
  /// Whether every window is whole and has four elements, and channels fill all vectors.
  package static func suits(_ shape: ConvolutionShape, after pooling: PoolingShape) -> Bool {
    suits(shape) && pooling.hasWindowsOfFour && shape.filter[0] % Panels.lanes == 0
  }

  /// Elements of one sample's gradient of the maxima.
  package var maximaCount: Int { sampleCount / 4 }

  /// Adds the gradient of one sample, in which only the maxima have a gradient; the first sample
  /// overwrites the sums.
  ///
  /// Windows are taken in blocks, each with its four places.
  package func add(
    sample: Int, of x: UnsafePointer<Float>, maxima dy: UnsafePointer<Float>,
    argmax: UnsafePointer<UInt8>, scratch: UnsafeMutablePointer<Float>
  ) {
    let (taps, windows) = (map.taps.count, map.places.count / 4)
    let left = unsafe map.sample(sample, of: x, scratch: scratch + taps * outputs)
    let stretch = TiledFilterGradient.stretch / 4
    for first in stride(from: 0, to: windows, by: stretch) {
      let isFirst = sample == 0 && first == 0
      var product = unsafe tiles_product_t(
        result: scratch, left: left, right: dy + first * outputs, rest: nil,
        addend: isFirst ? nil : UnsafePointer(scratch), rows: taps, columns: outputs,
        inner: min(stretch, windows - first), resultRow: outputs, addendRow: outputs, leftRow: 0,
        leftStep: 0, groups: nil, addendNumbers: nil, rightVector: Panels.lanes, rightStep: outputs,
        leftRows: map.taps.start,
        leftLines: map.places.start + 4 * first, appliesReLU: false)
      unsafe tiles_spread(&product, argmax + first * outputs)
    }
  }
}
