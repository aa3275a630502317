internal import CTiles

/// A convolution without groups as a matrix product whose left factor is never written out.
///
/// Rows are places of the output, the inner index runs over the elements of a filter, columns are
/// output channels. Samples are taken one by one, so that the map stays in the cache.
package struct TiledConvolution: Sendable {
  private let shape: ConvolutionShape
  let map: SlidingMap
  /// The packing of the filter.
  package let packing: PanelPacking

  var panels: Panels { packing.panels }

  /// `pooling` is a max-pooling of the results, which are then not written.
  package init(_ shape: ConvolutionShape, before pooling: PoolingShape? = nil) {
    self.shape = shape
    map = SlidingMap(shape, before: pooling)
    packing = PanelPacking(
      columns: shape.filter[0], inner: shape.filter[1...].reduce(1, *))
  }

  /// Whether tiles are faster than oneDNN: for few input channels, and without vectors of 512 bits;
  /// there even with empty lanes if the kernel is large.
  package static func suits(_ shape: ConvolutionShape) -> Bool {
    guard shape.groups == 1 && SlidingMap.suits(shape) else { return false }
    guard fills(shape.filter[0]) else { return shape.hasLargeKernel && !InstructionSet.isWide }
    return shape.filter[1] <= 4 || !InstructionSet.isWide
  }

  /// Whether at most a quarter of the lanes is empty.
  private static func fills(_ channels: Int) -> Bool {
    4 * channels >= 3 * ((channels + Panels.lanes - 1) / Panels.lanes * Panels.lanes)
  }

  package var scratchCount: Int { map.scratchCount }

  /// Writes the output, one sample after the other, with the bias and ReLU if they are asked for.
  package func run(
    _ y: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, packed: UnsafePointer<Float>,
    bias: UnsafePointer<Float>?, appliesReLU: Bool = false, scratch: UnsafeMutablePointer<Float>
  ) {
    for sample in 0..<shape.output[0] {
      unsafe run(
        y + sample * sampleCount, sample: sample, of: x, packed: packed, bias: bias,
        appliesReLU: appliesReLU, scratch: scratch)
    }
  }

  /// Elements of one sample's output.
  package var sampleCount: Int { map.places.count * shape.output[3] }

  /// Writes the output of one sample.
  package func run(
    _ y: UnsafeMutablePointer<Float>, sample: Int, of x: UnsafePointer<Float>,
    packed: UnsafePointer<Float>, bias: UnsafePointer<Float>?, appliesReLU: Bool = false,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let channels = shape.output[3]
    var product = unsafe tiles_product_t(
      result: y, left: map.sample(sample, of: x, scratch: scratch), right: packed,
      rest: panels.rest(in: packed), addend: bias, rows: map.places.count, columns: channels,
      inner: map.taps.count, resultRow: channels, addendRow: 0, leftRow: 0, leftStep: 0,
      groups: nil, addendNumbers: nil,
      rightVector: panels.vectorStride, rightStep: Panels.lanes, leftRows: map.places.start,
      leftLines: map.taps.start, appliesReLU: appliesReLU)
    unsafe tiles_product(&product)
  }
}
