import Execution
import Graphs
import TestSupport
import Testing

/// Convolutions that slide each channel along a line.
@Suite struct DepthwiseConvolutionTests {
  /// Small whole numbers, of which every sum is exact.
  @Test(
    arguments: [(1, 1, 1), (5, 3, 1), (70, 4, 1), (200, 4, 2), (33, 2, 3)], Engine.allCases)
  func agreesToTheLastBit(_ sizes: (steps: Int, taps: Int, stride: Int), on engine: Engine) throws {
    for (channels, dilation) in [(1, 1), (16, 1), (19, 2)] {
      let slides = Convolution(
        vertical: SlidingAxis(kernel: 1),
        horizontal: SlidingAxis(
          kernel: sizes.taps, stride: sizes.stride, dilation: dilation,
          low: (sizes.taps - 1) * dilation),
        groups: channels)
      var builder = Builder()
      func input(_ name: String, _ shape: Shape) -> Value {
        builder.input(name, TensorType(.float32, shape))
      }
      let x = input("x", [2, 1, sizes.steps, channels])
      let w = input("w", [channels, 1, 1, sizes.taps])
      let y = builder.emit(.convolution(slides), x, w)
      let g = input("g", builder.shape(of: y))
      let gradients = builder.gradients(of: y, seed: g, by: [x, w])
      let program = builder.program(
        outputs: [Output("y", y), Output("by x", gradients[0]), Output("by w", gradients[1])])
      var generator = XorShift(seed: 21)
      let inputs = [String: Tensor](
        uniqueKeysWithValues: program.inputs.map { name, type in
          (
            name,
            Tensor(
              type.shape, (0..<type.count).map { _ in Double(generator.integer(in: -2...2)) })
          )
        })
      let expected = try program.meaning(inputs: inputs)
      let actual = try outputs(of: program, on: engine, inputs: inputs)
      for output in program.outputs {
        let (a, b) = try (#require(actual[output.name]), #require(expected[output.name]))
        #expect(
          a.disagreement(with: b, allowance: 0) == nil, "\(output.name), \(channels) channels")
      }
    }
  }
}
