import Execution
import Graphs
import TestSupport
import Testing

/// A convolution, its bias, ReLU and max-pooling in one pass, and the way back.
@Suite struct PooledConvolutionTests {
  /// Windows of 2x2 that lie on the map, which stay in registers; cut off at the end, as
  /// `ceil_mode` has it; padded on one side; and larger ones.
  private static let axes = [
    SlidingAxis(kernel: 2, stride: 2), SlidingAxis(kernel: 2, stride: 2).roundedUp(along: 7),
    SlidingAxis(kernel: 2, stride: 2, low: 1), SlidingAxis(kernel: 3, stride: 2, low: 1, high: 2),
    SlidingAxis(kernel: 3, stride: 3, high: 2),
  ]

  private static let windows = axes.flatMap { vertical in
    axes.map { Window(vertical: vertical, horizontal: $0) }
  }

  /// Whole numbers are exact in float32, so every path gives the same bits.
  @Test(arguments: windows, Engine.allCases)
  func everyWindowAgrees(window: Window, on engine: Engine) throws {
    var generator = XorShift(seed: 97)
    var parameters: [String: Tensor] = [:]
    var builder = Builder()
    func parameter(_ name: String, _ shape: Shape) -> Value {
      parameters[name] = Tensor(
        shape, (0..<shape.count).map { _ in Double(generator.integer(in: -2...2)) })
      return builder.parameter(name, shape)
    }
    let map: Shape = [2, 7, 7, 16]
    let same = SlidingAxis.same(kernel: 3, stride: 1, dilation: 1, extent: 7)
    let sources = [
      ("x", parameter("x", [2, 7, 7, 3])), ("filter", parameter("filter", [16, 3, 3, 3])),
      ("bias", parameter("bias", [1, 1, 1, 16])),
    ]
    let y = builder.emit(
      .convolution(Convolution(vertical: same, horizontal: same)), sources[0].1, sources[1].1)
    let sum = builder.add(y, builder.broadcast(sources[2].1, map))
    let maxima = builder.maxPool(builder.maximum(sum, builder.constant(0, map)), window)
    let factors = parameter("factors", builder.shape(of: maxima))
    let loss = builder.total(builder.multiply(maxima, factors))
    let gradients = builder.gradients(of: loss, by: sources.map(\.1))
    let program = builder.program(
      outputs: [Output("maxima", maxima)]
        + zip(sources, gradients).map { Output("gradient/\($0.0)", $1) })
    let expected = try program.meaning(inputs: [:], parameters: parameters)
    let actual = try outputs(of: program, on: engine, parameters: parameters)
    for output in program.outputs {
      let (y, z) = try (#require(actual[output.name]), #require(expected[output.name]))
      #expect(y.disagreement(with: z, allowance: 0) == nil, "\(output.name)")
    }
  }
}
