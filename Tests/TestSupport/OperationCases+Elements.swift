internal import Graphs

extension Draw {
  private static let shapes: [Shape] = [[], [1], [7], [2, 3, 4], [37]]

  mutating func unaryCases() -> [OperationCase] {
    Unary.allCases.flatMap { unary in
      Draw.shapes.map { shape in
        switch unary {
        case .negate, .exp, .expm1, .tanh, .sigmoid, .erf:
          OperationCase(.unary(unary), [floats(shape)])
        case .reciprocal, .log, .log1p, .sqrt:
          OperationCase(.unary(unary), [floats(shape, in: 0.5...3)])
        }
      } + [
        OperationCase(
          .unary(unary),
          [Operand(.float32, [7], [0, -0.0, 80, -80, .infinity, -.infinity, .nan])],
          isSmooth: false),
        OperationCase(.unary(unary), [halves([9], in: 0.5...3)], isSmooth: false),
      ]
    }
  }

  mutating func binaryCases() -> [OperationCase] {
    Binary.allCases.flatMap { binary in
      Draw.shapes.map { shape in
        switch binary {
        case .add, .subtract, .multiply:
          return OperationCase(.binary(binary), [floats(shape), floats(shape)])
        case .divide:
          return OperationCase(.binary(binary), [floats(shape), floats(shape, in: 0.5...3)])
        case .maximum:
          let both = apart(Shape([2] + shape.extents)).value.elements
          return OperationCase(
            .binary(binary),
            [
              Operand(.float32, shape, Array(both[..<shape.count])),
              Operand(.float32, shape, Array(both[shape.count...])),
            ])
        }
      } + [
        OperationCase(.binary(binary), [ties([24]), ties([24])], isSmooth: false),
        OperationCase(
          .binary(binary),
          [
            Operand(.float32, [6], [.nan, 1, .infinity, -.infinity, .nan, 0]),
            Operand(.float32, [6], [1, .nan, 2, .infinity, .nan, -0.0]),
          ], isSmooth: false),
        OperationCase(.binary(binary), [halves([9]), halves([9])], isSmooth: false),
      ] + integerCases(binary)
    }
  }

  /// Of all magnitudes, so that sums and products wrap around.
  private mutating func integerCases(_ binary: Binary) -> [OperationCase] {
    guard binary != .divide else { return [] }
    let ends: [Double] = [-2_147_483_648, -2_147_483_647, -1, 0, 1, 65536, 2_147_483_647]
    let pairs = ends.flatMap { a in ends.map { (a, $0) } }
    return [
      OperationCase(
        .binary(binary),
        [
          Operand(.int32, [7, 7], pairs.map { $0.0 }), Operand(.int32, [7, 7], pairs.map { $0.1 }),
        ]),
      OperationCase(.binary(binary), [integers([37], below: 100), integers([37], below: 100)]),
    ]
  }

  mutating func compareCases() -> [OperationCase] {
    Comparison.allCases.flatMap { comparison in
      NumberType.allCases.map { number in
        OperationCase(.compare(comparison), [ties([3, 7], number), ties([3, 7], number)])
      } + [
        OperationCase(
          .compare(comparison),
          [
            Operand(.float32, [4], [.nan, 1, -.infinity, 0]),
            Operand(.float32, [4], [.nan, .nan, .infinity, -0.0]),
          ])
      ]
    }
  }

  mutating func selectCases() -> [OperationCase] {
    let mask = Operand(.uint8, [6], [0, 1, 2, 0, 255, 0])
    return [
      OperationCase(.select, [mask, floats([6]), floats([6])]),
      OperationCase(.select, [ties([2, 9], .uint8), floats([2, 9]), floats([2, 9])]),
      OperationCase(.select, [mask, integers([6], below: 9), integers([6], below: 9)]),
      OperationCase(
        .select, [mask, integers([6], below: 9, .uint8), integers([6], below: 9, .uint8)]),
      OperationCase(.select, [mask, halves([6]), halves([6])], isSmooth: false),
    ]
  }

  mutating func convertCases() -> [OperationCase] {
    let numbers = Operand(.float32, [6], [0, 0.99, 1, 2.5, 254.75, 255])
    let negative = Operand(.float32, [4], [-0.5, -1, -2.75, -100_000])
    return [
      OperationCase(.convert(.float32), [numbers]),
      OperationCase(.convert(.uint8), [numbers]),
      OperationCase(.convert(.int32), [numbers]),
      OperationCase(.convert(.int32), [negative]),
      OperationCase(.convert(.float32), [integers([2, 5], below: 256, .uint8)]),
      OperationCase(.convert(.int32), [integers([2, 5], below: 256, .uint8)]),
      OperationCase(.convert(.float32), [integers([2, 5], below: 1000, .int32)]),
      OperationCase(.convert(.uint8), [integers([2, 5], below: 256, .int32)]),
      OperationCase(.convert(.uint8), [Operand(.int32, [3], [-1, 256, -2_147_483_648])]),
    ] + halfCases()
  }

  /// Among them ties, numbers on both sides of a tie, and the ends of what the types hold.
  private mutating func halfCases() -> [OperationCase] {
    let ties = [1.0, -1].flatMap { sign in
      [0x1.01p0, 0x1.03p0, 0x1.010002p0, 0x1.00fffep0].map { sign * $0 }
    }
    let ends = [
      0, -0.0, .infinity, -.infinity, .nan, 0x1.fep127, 0x1.fffffep127, 0x1.feffp127, 0x1p-126,
    ]
    let integers: [Double] = [
      2_147_483_647, -2_147_483_648, 257, 259, 16_842_753, 16_842_751, -16_842_752, 0, 255,
    ]
    return [
      OperationCase(
        .convert(.bfloat16), [Operand(.float32, [17], ties + ends)], isSmooth: false),
      OperationCase(.convert(.bfloat16), [Operand(.int32, [9], integers)]),
      OperationCase(.convert(.bfloat16), [self.integers([50], below: 256, .uint8)]),
      OperationCase(
        .convert(.float32),
        [Operand(.bfloat16, [17], (ties + ends).map(NumberType.bfloat16.nearest))],
        isSmooth: false),
      OperationCase(
        .convert(.int32), [Operand(.bfloat16, [6], [0, -1.5, 254, 0x1.6p31, -.infinity, .nan])]),
      OperationCase(.convert(.uint8), [Operand(.bfloat16, [5], [0, -1.5, 254, 256, .nan])]),
    ]

  }

  mutating func reduceCases() -> [OperationCase] {
    let choices: [(Shape, [Int])] = [
      ([], []), ([1], [0]), ([9], [0]), ([3, 4], []), ([3, 4], [0]), ([3, 4], [1]),
      ([2, 3, 4], [1]), ([2, 3, 4], [0, 2]), ([2, 3, 4], [0, 1, 2]), ([2, 3, 2, 5], [1, 2]),
      ([2, 3, 2, 5], [0, 1, 2]),
    ]
    return Reduction.allCases.flatMap { reduction in
      choices.map { shape, axes in
        let operand = reduction == .sum ? floats(shape) : apart(shape)
        return OperationCase(.reduce(reduction, axes: axes), [operand])
      } + [
        OperationCase(.reduce(reduction, axes: [1]), [ties([4, 6])], isSmooth: false),
        OperationCase(
          .reduce(reduction, axes: [1]),
          [Operand(.float32, [3, 2], [.nan, 1, 1, .nan, -.infinity, -.infinity])],
          isSmooth: false),
        OperationCase(.reduce(reduction, axes: [1]), [halves([4, 6])], isSmooth: false),
      ]
    }
  }
}
