import Kernels
import TestSupport
import Testing

/// Every result of the tiles is a chain of fused multiply-adds whose order is known: so the bits are.
@Suite struct TiledConvolutionTests {
  struct Case: CustomTestStringConvertible {
    let input: [Int]
    let filter: [Int]
    var strides = [1, 1]
    var dilations = [1, 1]
    var low = [0, 0]
    var high = [0, 0]

    var shape: ConvolutionShape {
      let places = (0..<2).map { axis in
        let reach = (filter[2 + axis] - 1) * dilations[axis] + 1
        return (input[1 + axis] + low[axis] + high[axis] - reach) / strides[axis] + 1
      }
      return ConvolutionShape(
        input: input, output: [input[0]] + places + [filter[0]], filter: filter, groups: 1,
        strides: strides, dilations: dilations, low: low)
    }

    var testDescription: String { "\(input) * \(filter) / \(strides), \(dilations), \(low)" }
  }

  static let cases = [
    Case(input: [2, 5, 7, 1], filter: [16, 1, 3, 3], low: [1, 1], high: [1, 1]),
    Case(input: [3, 4, 4, 3], filter: [32, 3, 3, 3], low: [1, 1], high: [1, 1]),
    Case(
      input: [1, 9, 8, 5], filter: [16, 5, 3, 2], strides: [2, 3], low: [1, 0], high: [2, 1]),
    Case(input: [2, 6, 6, 2], filter: [48, 2, 1, 1]),
    Case(
      input: [1, 12, 13, 4], filter: [16, 4, 3, 3], dilations: [2, 3], low: [2, 3], high: [2, 3]),
    Case(input: [2, 7, 5, 20], filter: [16, 20, 5, 5], low: [2, 2], high: [2, 2]),
    Case(input: [1, 14, 14, 2], filter: [16, 2, 3, 3]),
    Case(input: [2, 12, 11, 1], filter: [6, 1, 5, 5]),
    Case(input: [2, 6, 5, 6], filter: [41, 6, 3, 3], low: [1, 1], high: [1, 1]),
  ]

  /// A map whose elements outside are 0, where nothing is read twice by mistake.
  private struct Map {
    let extents: [Int]
    let elements: [Float]

    subscript(n: Int, y: Int, x: Int, c: Int) -> Float {
      guard (0..<extents[1]).contains(y), (0..<extents[2]).contains(x) else { return 0 }
      return elements[((n * extents[1] + y) * extents[2] + x) * extents[3] + c]
    }
  }

  private struct Numbers {
    let x, y: Map
    let filter, bias: [Float]

    init(_ shape: ConvolutionShape) {
      var generator = XorShift(seed: 61)
      x = Map(extents: shape.input, elements: generator.floats(shape.input.reduce(1, *)))
      y = Map(extents: shape.output, elements: generator.floats(shape.output.reduce(1, *)))
      filter = generator.floats(shape.filter.reduce(1, *))
      bias = generator.floats(shape.filter[0])
    }
  }

  @Test(arguments: cases) func outputs(_ example: Case) {
    let shape = example.shape
    let numbers = Numbers(shape)
    let (outputs, inputs) = (shape.filter[0], shape.filter[1])
    let (height, width) = (shape.filter[2], shape.filter[3])
    var expected: [Float] = []
    for n in 0..<shape.output[0] {
      for y in 0..<shape.output[1] {
        for x in 0..<shape.output[2] {
          for o in 0..<outputs {
            var chain: Float = 0
            for c in 0..<inputs {
              for ky in 0..<height {
                for kx in 0..<width {
                  chain.addProduct(
                    numbers.x[
                      n, y * shape.strides[0] + ky * shape.dilations[0] - shape.low[0],
                      x * shape.strides[1] + kx * shape.dilations[1] - shape.low[1], c],
                    numbers.filter[((o * inputs + c) * height + ky) * width + kx])
                }
              }
            }
            expected.append(numbers.bias[o] + chain)
          }
        }
      }
    }
    let convolution = TiledConvolution(shape)
    let packed = Buffer<Float>(count: convolution.packedCount)
    let scratch = Buffer<Float>(count: convolution.scratchCount)
    let result = Buffer<Float>(count: expected.count)
    unsafe convolution.pack(Buffer(numbers.filter, shift: 1).start, to: packed.start)
    unsafe convolution.run(
      result.start, Buffer(numbers.x.elements, shift: 1).start, packed: packed.start,
      bias: Buffer(numbers.bias).start, scratch: scratch.start)
    #expect(result.elements.map(\.bitPattern) == expected.map(\.bitPattern))
    #expect(result.isGuarded && scratch.isGuarded && packed.isGuarded)
  }

  /// Chains over stretches of 112 places of a sample, whose sums are added in order.
  @Test(arguments: cases) func filterGradients(_ example: Case) {
    let shape = example.shape
    let numbers = Numbers(shape)
    let (outputs, inputs) = (shape.filter[0], shape.filter[1])
    let (height, width) = (shape.filter[2], shape.filter[3])
    let places = shape.output[1] * shape.output[2]
    var expected: [Float] = []
    for o in 0..<outputs {
      for c in 0..<inputs {
        for ky in 0..<height {
          for kx in 0..<width {
            var sum: Float?
            for n in 0..<shape.output[0] {
              for first in stride(from: 0, to: places, by: 112) {
                var chain: Float = 0
                for place in first..<min(places, first + 112) {
                  let (y, x) = place.quotientAndRemainder(dividingBy: shape.output[2])
                  chain.addProduct(
                    numbers.x[
                      n, y * shape.strides[0] + ky * shape.dilations[0] - shape.low[0],
                      x * shape.strides[1] + kx * shape.dilations[1] - shape.low[1], c],
                    numbers.y[n, y, x, o])
                }
                sum = sum.map { $0 + chain } ?? chain
              }
            }
            expected.append(sum ?? 0)
          }
        }
      }
    }
    let gradient = TiledFilterGradient(shape)
    let scratch = Buffer<Float>(count: gradient.scratchCount)
    let result = Buffer<Float>(count: expected.count)
    unsafe gradient.run(
      result.start, Buffer(numbers.x.elements).start, Buffer(numbers.y.elements).start,
      scratch: scratch.start)
    #expect(result.elements.map(\.bitPattern) == expected.map(\.bitPattern))
    #expect(result.isGuarded && scratch.isGuarded)
  }
}
