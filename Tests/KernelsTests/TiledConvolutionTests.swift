import Kernels
import TestSupport
import Testing

/// Every result of the tiles is a chain of fused multiply-adds whose order is known: so the bits
/// are.
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
    Case(input: [1, 4, 5, 60], filter: [16, 60, 3, 3], low: [1, 1], high: [1, 1]),
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

    /// The element of the input that an element of a filter meets at a place of the output.
    func input(
      _ shape: ConvolutionShape, _ n: Int, _ place: (y: Int, x: Int), _ tap: (y: Int, x: Int),
      _ c: Int
    ) -> Float {
      x[
        n, place.y * shape.strides[0] + tap.y * shape.dilations[0] - shape.low[0],
        place.x * shape.strides[1] + tap.x * shape.dilations[1] - shape.low[1], c]
    }
  }

  @Test(arguments: cases, [false, true]) func outputs(_ example: Case, appliesReLU: Bool) {
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
                    numbers.input(shape, n, (y, x), (ky, kx), c),
                    numbers.filter[((o * inputs + c) * height + ky) * width + kx])
                }
              }
            }
            let sum = numbers.bias[o] + chain
            expected.append(appliesReLU && sum <= 0 ? 0 : sum)
          }
        }
      }
    }
    let convolution = TiledConvolution(shape)
    let packed = Buffer<Float>(count: convolution.packing.count)
    let scratch = Buffer<Float>(count: convolution.scratchCount)
    let result = Buffer<Float>(count: expected.count)
    unsafe convolution.packing.pack(Buffer(numbers.filter, shift: 1).start, to: packed.start)
    unsafe convolution.run(
      result.start, Buffer(numbers.x.elements, shift: 1).start, packed: packed.start,
      bias: Buffer(numbers.bias).start, appliesReLU: appliesReLU, scratch: scratch.start)
    #expect(result.elements.map(\.bitPattern) == expected.map(\.bitPattern))
    #expect(result.isGuarded && scratch.isGuarded && packed.isGuarded)
  }

  /// By windows of 2x2 that overlap along lines.
  private static func pooling(after shape: ConvolutionShape) -> PoolingShape {
    func axis(_ axis: Int, stride: Int) -> PoolingShape.Axis {
      let input = shape.output[1 + axis]
      return PoolingShape.Axis(
        input: input, output: (input - 2) / stride + 1, kernel: 2, stride: stride, dilation: 1,
        low: 0)
    }
    return PoolingShape(
      samples: shape.output[0], channels: shape.filter[0], vertical: axis(0, stride: 2),
      horizontal: axis(1, stride: 1))
  }

  /// As by a convolution and a pooling, whose tests say what these are; among integers many are
  /// equal.
  @Test(arguments: cases, [(false, false), (true, false), (true, true)])
  func pooledOutputs(_ example: Case, _ variant: (hasNaN: Bool, appliesReLU: Bool)) {
    let shape = example.shape
    var generator = XorShift(seed: 67)
    var x = generator.floats(shape.input.reduce(1, *)).map { ($0 * 2).rounded() }
    if variant.hasNaN { for i in stride(from: 3, to: x.count, by: 37) { x[i] = .nan } }
    let filter = generator.floats(shape.filter.reduce(1, *)).map { ($0 * 2).rounded() }
    let pooling = Self.pooling(after: shape)
    let (plain, pooled) = (
      TiledConvolution(shape), TiledConvolution(shape, before: pooling)
    )
    let count = pooled.maximaCount * shape.output[0]
    let map = Buffer<Float>(count: shape.output.reduce(1, *))
    let (expected, expectedWinners) = (Buffer<Float>(count: count), Buffer<UInt8>(count: count))
    let (maxima, argmax) = (Buffer<Float>(count: count), Buffer<UInt8>(count: count))
    let packed = Buffer<Float>(count: pooled.packing.count)
    let scratch = Buffer<Float>(count: pooled.scratchCount)
    let (source, bias) = (Buffer(x), Buffer(generator.floats(shape.filter[0])))
    unsafe pooled.packing.pack(Buffer(filter).start, to: packed.start)
    unsafe plain.run(
      map.start, source.start, packed: packed.start, bias: bias.start, scratch: scratch.start)
    unsafe Pooling.maxima(
      expected.start, index: expectedWinners.start, appliesReLU: variant.appliesReLU, map.start,
      pooling)
    for keepsArgmax in [true, false] {
      let places = unsafe keepsArgmax ? argmax.start : nil
      for sample in 0..<shape.output[0] {
        let place = sample * pooled.maximaCount
        unsafe pooled.run(
          maxima: maxima.start + place, appliesReLU: variant.appliesReLU,
          argmax: places.map { unsafe $0 + place }, sample: sample, of: source.start,
          packed: packed.start, bias: bias.start, scratch: scratch.start)
      }
      #expect(maxima.elements.map(\.bitPattern) == expected.elements.map(\.bitPattern))
    }
    #expect(argmax.elements == expectedWinners.elements)
    #expect(maxima.isGuarded && argmax.isGuarded && scratch.isGuarded)
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
                    numbers.input(shape, n, (y, x), (ky, kx), c),
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

  /// Chains over stretches of 28 windows, whose sums are added in order.
  @Test(arguments: cases.filter { $0.filter[0] % 16 == 0 })
  func filterGradientsAfterPooling(_ example: Case) {
    let shape = example.shape
    let numbers = Numbers(shape)
    let pooling = Self.pooling(after: shape)
    let (rows, columns) = (pooling.vertical.output, pooling.horizontal.output)
    let (outputs, inputs) = (shape.filter[0], shape.filter[1])
    let (height, width) = (shape.filter[2], shape.filter[3])
    var generator = XorShift(seed: 71)
    let count = shape.output[0] * rows * columns * outputs
    let dy = generator.floats(count)
    let argmax = generator.floats(count, in: 0...3.99).map { UInt8($0) }
    var expected: [Float] = []
    for o in 0..<outputs {
      for c in 0..<inputs {
        for ky in 0..<height {
          for kx in 0..<width {
            var sum: Float?
            for n in 0..<shape.output[0] {
              for first in stride(from: 0, to: rows * columns, by: 28) {
                var chain: Float = 0
                for window in first..<min(rows * columns, first + 28) {
                  let (row, column) = window.quotientAndRemainder(dividingBy: columns)
                  let place = (n * rows * columns + window) * outputs + o
                  for element in 0..<4 {
                    let (y, x) = (2 * row + element / 2, column + element % 2)
                    chain.addProduct(
                      numbers.input(shape, n, (y, x), (ky, kx), c),
                      argmax[place] == element ? dy[place] : 0)
                  }
                }
                sum = sum.map { $0 + chain } ?? chain
              }
            }
            expected.append(sum ?? 0)
          }
        }
      }
    }
    let gradient = TiledFilterGradient(shape, after: pooling)
    let scratch = Buffer<Float>(count: gradient.scratchCount)
    let result = Buffer<Float>(count: expected.count)
    let (source, maxima, bytes) = (Buffer(numbers.x.elements), Buffer(dy), Buffer(argmax))
    for sample in 0..<shape.output[0] {
      let place = sample * gradient.maximaCount
      unsafe gradient.add(
        sample: sample, of: source.start, maxima: maxima.start + place,
        argmax: bytes.start + place, scratch: scratch.start)
    }
    unsafe gradient.finish(result.start, scratch: scratch.start)
    #expect(result.elements.map(\.bitPattern) == expected.map(\.bitPattern))
    #expect(result.isGuarded && scratch.isGuarded)
  }
}
