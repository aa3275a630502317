internal import Graphs

extension Draw {
  mutating func matrixProductCases() -> [OperationCase] {
    let sizes: [(batch: [Int], Int, Int, Int)] = [
      ([], 1, 1, 1), ([], 3, 4, 5), ([], 1, 7, 2), ([3], 2, 3, 4), ([2, 2], 3, 1, 2),
    ]
    return sizes.flatMap { batch, rows, inner, columns in
      [(false, false), (false, true), (true, false), (true, true)].map { left, right in
        OperationCase(
          .matrixProduct(transposeLeft: left, transposeRight: right),
          [
            floats(Shape(batch + (left ? [inner, rows] : [rows, inner]))),
            floats(Shape(batch + (right ? [columns, inner] : [inner, columns]))),
          ])
      }
    } + [
      OperationCase(
        .matrixProduct(transposeLeft: false, transposeRight: false),
        [halves([3, 4]), halves([4, 5])], isSmooth: false)
    ]
  }

  mutating func convolutionCases() -> [OperationCase] {
    convolutions().map {
      OperationCase(.convolution($0.convolution), [floats($0.input), floats($0.filter)])
    }
      + convolutions().prefix(1).map {
        OperationCase(
          .convolution($0.convolution), [halves($0.input), halves($0.filter)], isSmooth: false)
      }
  }

  mutating func convolutionInputGradientCases() -> [OperationCase] {
    convolutions().map {
      OperationCase(
        .convolutionInputGradient($0.convolution, height: $0.input[1], width: $0.input[2]),
        [floats($0.output), floats($0.filter)])
    }
      + convolutions().prefix(1).map {
        OperationCase(
          .convolutionInputGradient($0.convolution, height: $0.input[1], width: $0.input[2]),
          [halves($0.output), halves($0.filter)], isSmooth: false)
      }
  }

  mutating func convolutionFilterGradientCases() -> [OperationCase] {
    convolutions().map {
      OperationCase(
        .convolutionFilterGradient($0.convolution), [floats($0.input), floats($0.output)])
    }
      + convolutions().prefix(1).map {
        OperationCase(
          .convolutionFilterGradient($0.convolution), [halves($0.input), halves($0.output)],
          isSmooth: false)
      }
  }

  private struct Instance {
    let convolution: Convolution
    let input: Shape
    let filter: Shape

    var output: Shape {
      [
        input[0], convolution.vertical.positions(along: input[1]),
        convolution.horizontal.positions(along: input[2]), filter[0],
      ]
    }
  }

  private mutating func convolutions() -> [Instance] {
    func square(_ axis: SlidingAxis, groups: Int = 1) -> Convolution {
      Convolution(vertical: axis, horizontal: axis, groups: groups)
    }
    var instances = [
      // Pointwise; 3x3 that keeps the size; a stride that leaves a rest; even kernel; depthwise.
      Instance(
        convolution: square(SlidingAxis(kernel: 1)), input: [2, 3, 3, 4], filter: [3, 4, 1, 1]),
      Instance(
        convolution: square(SlidingAxis(kernel: 3, low: 1, high: 1)), input: [2, 4, 5, 2],
        filter: [3, 2, 3, 3]),
      Instance(
        convolution: square(SlidingAxis(kernel: 2, stride: 3)), input: [1, 7, 6, 1],
        filter: [2, 1, 2, 2]),
      Instance(
        convolution: square(.same(kernel: 4, stride: 2, dilation: 1, extent: 5)),
        input: [1, 5, 5, 2], filter: [1, 2, 4, 4]),
      Instance(
        convolution: square(SlidingAxis(kernel: 3, low: 1, high: 1), groups: 4),
        input: [2, 4, 4, 4], filter: [4, 1, 3, 3]),
    ]
    while instances.count < 16 {
      let (vertical, horizontal) = (axis(), axis())
      let groups = generator.integer(in: 1...2)
      let channels = generator.integer(in: 1...2)
      let instance = Instance(
        convolution: Convolution(vertical: vertical, horizontal: horizontal, groups: groups),
        input: [
          generator.integer(in: 1...2), generator.integer(in: 3...6),
          generator.integer(in: 3...6), groups * channels,
        ],
        filter: [
          groups * generator.integer(in: 1...2), channels, vertical.kernel, horizontal.kernel,
        ])
      if instance.output.count > 0 { instances.append(instance) }
    }
    return instances
  }

  private mutating func axis() -> SlidingAxis {
    SlidingAxis(
      kernel: generator.integer(in: 1...3), stride: generator.integer(in: 1...3),
      dilation: generator.integer(in: 1...2), low: generator.integer(in: 0...2),
      high: generator.integer(in: 0...2))
  }
}
