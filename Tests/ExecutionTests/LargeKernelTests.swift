import Execution
import Graphs
import Kernels
import TestSupport
import Testing

/// Convolutions whose kernels have more than 14 rows or columns, some as many as the map.
@Suite struct LargeKernelTests {
  struct Case: CustomTestStringConvertible {
    let map: Shape
    let filter: Shape
    var stride = 1
    var low = 0
    var high = 0

    var convolution: Convolution {
      func axis(_ kernel: Int) -> SlidingAxis {
        SlidingAxis(kernel: kernel, stride: stride, low: low, high: high)
      }
      return Convolution(vertical: axis(filter[2]), horizontal: axis(filter[3]))
    }

    var testDescription: String { "\(map) * \(filter)" }
  }

  static let cases = [
    Case(map: [3, 16, 15, 2], filter: [5, 2, 16, 15]),
    Case(map: [4, 28, 28, 1], filter: [16, 1, 28, 28]),
    Case(map: [2, 16, 17, 3], filter: [16, 3, 15, 15], low: 7, high: 7),
    Case(map: [2, 16, 16, 20], filter: [3, 20, 16, 16], low: 7, high: 8),
    Case(map: [2, 20, 19, 1], filter: [3, 1, 16, 15], stride: 2),
    Case(map: [2, 3, 40, 18], filter: [16, 18, 1, 17]),
    Case(map: [2, 15, 15, 3], filter: [4, 3, 15, 15], low: 1, high: 1),
  ]

  /// Small whole numbers, of which every sum is exact.
  @Test(arguments: cases, Engine.allCases)
  func agreesToTheLastBit(_ example: Case, on engine: Engine) throws {
    var generator = XorShift(seed: 77)
    func draw(_ shape: Shape) -> Tensor {
      Tensor(shape, (0..<shape.count).map { _ in Double(generator.integer(in: -1...1)) })
    }
    for isParameter in [true, false] {
      var builder = Builder()
      let x = builder.parameter("x", example.map)
      let w =
        isParameter
        ? builder.parameter("w", example.filter)
        : builder.input("w", TensorType(.float32, example.filter))
      let sums = builder.emit(.convolution(example.convolution), x, w)
      let shape = builder.shape(of: sums)
      let bias = builder.parameter("b", [shape[3]])
      let y = builder.maximum(
        builder.add(sums, builder.broadcast(bias, over: shape)), builder.constant(0, shape))
      let g = builder.input("g", TensorType(.float32, shape))
      let loss = builder.total(builder.multiply(y, g))
      let gradients = builder.gradients(of: loss, by: [x, w, bias])
      let program = builder.program(
        outputs: [
          Output("y", y), Output("gradient/x", gradients[0]),
          Output(isParameter ? "gradient/w" : "by w", gradients[1]),
          Output("gradient/b", gradients[2]),
        ])
      let filter = draw(example.filter)
      var parameters = ["x": draw(example.map), "b": draw([shape[3]])]
      var inputs = ["g": draw(shape)]
      if isParameter { parameters["w"] = filter } else { inputs["w"] = filter }
      let expected = try program.meaning(inputs: inputs, parameters: parameters)
      let actual = try outputs(of: program, on: engine, inputs: inputs, parameters: parameters)
      for output in program.outputs {
        let (a, b) = try (#require(actual[output.name]), #require(expected[output.name]))
        #expect(a.disagreement(with: b, allowance: 0) == nil, "\(output.name)")
      }
    }
  }

  #if ONEDNN
    /// oneDNN's own code for gradients of such kernels is up to a thousand times slower.
    @Test(arguments: cases)
    func gradientsAreTiles(_ example: Case) throws {
      var builder = Builder()
      let (x, w) = (builder.parameter("x", example.map), builder.parameter("w", example.filter))
      let y = builder.emit(.convolution(example.convolution), x, w)
      let gradients = builder.gradients(of: builder.total(builder.multiply(y, y)), by: [x, w])
      let program = builder.program(
        outputs: [Output("gradient/x", gradients[0]), Output("gradient/w", gradients[1])])
      let parameters = try Parameters([
        "x": Tensor(example.map, repeating: 0), "w": Tensor(example.filter, repeating: 0),
      ])
      let listing = try Engine.onednn.prepare(program, parameters: parameters.vector).listing
      #expect(!listing.contains("gemm") && !listing.contains("ref:"), "\(listing)")
      let gradientLines = listing.split(separator: "\n").filter { $0.contains("Gradient(") }
      #expect(gradientLines.allSatisfy { $0.contains("tiles") }, "\(listing)")
    }
  #endif
}
