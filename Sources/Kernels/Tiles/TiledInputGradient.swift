/// The gradient of a convolution by its input, for steps of one: a convolution of the output's
/// gradient with the filters turned round.
package struct TiledInputGradient: Sendable {
  private let shape: ConvolutionShape
  private let convolution: TiledConvolution

  package init(_ shape: ConvolutionShape) {
    self.shape = shape
    convolution = TiledConvolution(TiledInputGradient.turned(shape))
  }

  package static func suits(_ shape: ConvolutionShape) -> Bool {
    let turned = turned(shape)
    return shape.strides == [1, 1] && turned.low.allSatisfy { $0 >= 0 }
      && TiledConvolution.suits(turned)
  }

  /// The convolution from gradients of the output to gradients of the input.
  private static func turned(_ shape: ConvolutionShape) -> ConvolutionShape {
    let filter = shape.filter
    return ConvolutionShape(
      input: shape.output, output: shape.input, filter: [filter[1], filter[0]] + filter[2...],
      groups: shape.groups, strides: [1, 1], dilations: shape.dilations,
      low: (0..<2).map { (filter[2 + $0] - 1) * shape.dilations[$0] - shape.low[$0] })
  }

  package var scratchCount: Int { convolution.scratchCount }
  package var packedCount: Int { convolution.packedCount }

  /// Arranges the filter with inputs and outputs exchanged and rows and columns reversed.
  package func pack(_ filter: UnsafePointer<Float>, to packed: UnsafeMutablePointer<Float>) {
    let (outputs, inputs) = (shape.filter[0], shape.filter[1])
    let area = shape.filter[2] * shape.filter[3]
    let panels = Panels(columns: inputs, inner: outputs * area)
    for first in stride(from: 0, to: inputs, by: Panels.lanes) {
      var line = unsafe packed + first * panels.inner
      for output in 0..<outputs {
        for tap in (0..<area).reversed() {
          for lane in 0..<Panels.lanes {
            let input = first + lane
            unsafe line[lane] =
              input < inputs ? filter[(output * inputs + input) * area + tap] : 0
          }
          unsafe line += Panels.lanes
        }
      }
    }
  }

  package func run(
    _ dx: UnsafeMutablePointer<Float>, _ dy: UnsafePointer<Float>, packed: UnsafePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    unsafe convolution.run(dx, dy, packed: packed, bias: nil, scratch: scratch)
  }
}
