import Kernels
import TestSupport
import Testing

/// Convolutions of whole numbers, which are exact in float32, against their definition.
@Suite struct ColumnConvolutionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let shape: ConvolutionShape

    init(
      _ name: String, map: [Int], output: [Int], filter: [Int], groups: Int = 1,
      strides: [Int] = [1, 1], dilations: [Int] = [1, 1], low: [Int] = [0, 0]
    ) {
      testDescription = name
      shape = ConvolutionShape(
        input: map, output: output, filter: filter, groups: groups, strides: strides,
        dilations: dilations, low: low)
    }
  }

  private static let cases = [
    Case("pointwise", map: [2, 3, 4, 5], output: [2, 3, 4, 7], filter: [7, 5, 1, 1]),
    Case(
      "pointwise groups", map: [1, 3, 4, 6], output: [1, 3, 4, 4], filter: [4, 3, 1, 1], groups: 2),
    Case(
      "pointwise strides", map: [1, 5, 4, 3], output: [1, 3, 2, 2], filter: [2, 3, 1, 1],
      strides: [2, 2]),
    Case(
      "several blocks", map: [3, 9, 8, 140], output: [3, 9, 8, 3], filter: [3, 140, 3, 3],
      low: [1, 1]),
    Case(
      "blocks of groups", map: [2, 9, 9, 256], output: [2, 9, 9, 4], filter: [4, 128, 3, 3],
      groups: 2, low: [1, 1]),
    Case(
      "wide channels", map: [2, 5, 6, 35], output: [2, 5, 4, 3], filter: [3, 35, 3, 3],
      low: [1, 0]),
    Case(
      "strides and dilations", map: [2, 9, 11, 4], output: [2, 4, 4, 6], filter: [6, 2, 3, 2],
      groups: 2, strides: [2, 3], dilations: [2, 4], low: [1, 2]),
    Case(
      "each channel alone", map: [2, 6, 5, 4], output: [2, 6, 5, 4], filter: [4, 1, 3, 3],
      groups: 4, low: [1, 1]),
    Case(
      "a window beyond the map", map: [1, 2, 3, 2], output: [1, 3, 4, 2], filter: [2, 2, 5, 7],
      low: [3, 4]),
    Case(
      "places that see nothing", map: [1, 2, 2, 1], output: [1, 9, 9, 1], filter: [1, 1, 2, 2],
      low: [4, 4]),
  ]

  private static func wholeNumbers(_ extents: [Int], seed: UInt64) -> [Float] {
    var generator = XorShift(seed: seed)
    return (0..<extents.reduce(1, *)).map { _ in Float(generator.integer(in: -3...3)) }
  }

  /// Every product of a convolution: the places of output, input and filter.
  private static func forEachProduct(
    _ shape: ConvolutionShape, _ body: (_ y: Int, _ x: Int, _ w: Int) -> Void
  ) {
    let (map, output, filter) = (shape.input, shape.output, shape.filter)
    let perGroup = filter[0] / shape.groups
    for (n, i, j) in output[0..<3].places {
      for (c, ky, kx) in filter[1..<4].places {
        let y = i * shape.strides[0] + ky * shape.dilations[0] - shape.low[0]
        let x = j * shape.strides[1] + kx * shape.dilations[1] - shape.low[1]
        guard 0..<map[1] ~= y, 0..<map[2] ~= x else { continue }
        for o in 0..<filter[0] {
          body(
            ((n * output[1] + i) * output[2] + j) * output[3] + o,
            ((n * map[1] + y) * map[2] + x) * map[3] + o / perGroup * filter[1] + c,
            ((o * filter[1] + c) * filter[2] + ky) * filter[3] + kx)
        }
      }
    }
  }

  @Test(arguments: cases)
  func agreesWithTheDefinition(_ case: Case) throws {
    NumericThread.prepare()
    let shape = `case`.shape
    let convolution = try ColumnConvolution(shape, on: OpenBLAS.shared)
    let x = Self.wholeNumbers(shape.input, seed: 1)
    let w = Self.wholeNumbers(shape.filter, seed: 2)
    let dy = Self.wholeNumbers(shape.output, seed: 3)
    let bias = Self.wholeNumbers([shape.filter[0]], seed: 4)
    var y = dy.indices.map { bias[$0 % bias.count] }
    var (dx, dw) = (x.map { _ in Float(0) }, w.map { _ in Float(0) })
    Self.forEachProduct(shape) {
      y[$0] += x[$1] * w[$2]
      dx[$1] += dy[$0] * w[$2]
      dw[$2] += dy[$0] * x[$1]
    }

    let scratch = Buffer<Float>(count: convolution.scratchCount)
    let (map, gradient, biases) = (Buffer(x), Buffer(dy), Buffer(bias))
    var filter = Buffer(w)
    if convolution.ordersFilters {
      filter = Buffer<Float>(count: w.count)
      unsafe convolution.filterOrder.run(from: Buffer(w).start, to: filter.start)
    }
    let (output, outputWithoutBias) = (Buffer<Float>(count: y.count), Buffer<Float>(count: y.count))
    unsafe convolution.run(
      output.start, map.start, filter.start, bias: biases.start, scratch: scratch.start)
    #expect(output.elements == y)
    unsafe convolution.run(
      outputWithoutBias.start, map.start, filter.start, bias: nil, scratch: scratch.start)
    #expect(outputWithoutBias.elements == y.indices.map { y[$0] - bias[$0 % bias.count] })

    let mapGradient = Buffer<Float>(count: x.count)
    unsafe convolution.inputGradient(
      mapGradient.start, gradient.start, filter.start, scratch: scratch.start)
    #expect(mapGradient.elements == dx)

    var filterGradient = Buffer<Float>(count: w.count)
    unsafe convolution.filterGradient(
      filterGradient.start, map.start, gradient.start, scratch: scratch.start)
    if convolution.ordersFilters {
      let ordered = filterGradient
      filterGradient = Buffer<Float>(count: w.count)
      unsafe convolution.canonicalOrder.run(from: ordered.start, to: filterGradient.start)
      #expect(ordered.isGuarded)
    }
    #expect(filterGradient.elements == dw)
    for buffer in [scratch, output, outputWithoutBias, mapGradient, filterGradient] {
      #expect(buffer.isGuarded)
    }
  }
}

extension ArraySlice<Int> {
  /// Every place of a block of three extents, the last varying fastest.
  fileprivate var places: [(Int, Int, Int)] {
    let (b, c) = (self[startIndex + 1], self[startIndex + 2])
    return (0..<reduce(1, *)).map { ($0 / c / b, $0 / c % b, $0 % c) }
  }
}
