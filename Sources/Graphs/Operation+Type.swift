extension Operation {
  /// The types of the results for operands of these types.
  ///
  /// `leaf` is the type of an operation without operands, which has no rule.
  package func resultTypes(
    of operands: [TensorType], leaf: TensorType
  ) throws(ProgramError) -> [TensorType] {
    try expect(operands.count)
    let type = try rule(operands, leaf, try resultNumber(of: operands, leaf: leaf))
    let types = try [type] + others(operands, first: type)
    for type in types {
      try require(type.shape.extents.allSatisfy { $0 > 0 }, "has the empty result \(type)")
    }
    return types
  }

  /// The types of the results behind the first.
  private func others(
    _ operands: [TensorType], first: TensorType
  ) throws(ProgramError) -> [TensorType] {
    switch self {
    case .maxPool(let window): [TensorType(window.indexType, first.shape)]
    case .composite(let composite):
      Array(try composite.definition.resultTypes(of: operands).dropFirst())
    case .scan(let scan): Array(try scan.resultTypes(of: operands).dropFirst())
    default: []
    }
  }

  /// The table of shapes: the type of the first result, whose number type is `number`.
  private func rule(
    _ operands: [TensorType], _ leaf: TensorType, _ number: NumberType
  ) throws(ProgramError) -> TensorType {
    let shapes = operands.map(\.shape)
    switch self {
    case .input, .parameter, .random:
      return leaf
    case .constant(let value):
      try require(number.holds(value), "is no \(number)")
      return leaf
    case .unary, .convert:
      return TensorType(number, shapes[0])
    case .binary, .compare:
      try require(operands[0] == operands[1], "takes equal types, not \(operands)")
      return TensorType(number, shapes[0])
    case .select:
      try require(operands[1] == operands[2], "chooses between equal types, not \(operands)")
      try require(shapes[0] == shapes[1], "has mask \(operands[0])")
      return operands[1]
    case .reduce(_, let axes):
      try require(shapes[0].has(axes), "has axes \(axes) of \(shapes[0])")
      return TensorType(number, shapes[0].replacing(axes, with: 1))
    case .reshape(let shape):
      try require(shape.count == shapes[0].count, "turns \(shapes[0]) into \(shape)")
      return TensorType(number, shape)
    case .permute(let order):
      try require(order.sorted() == Array(0..<shapes[0].rank), "has order \(order)")
      return TensorType(number, Shape(order.map { shapes[0][$0] }))
    case .broadcast(let shape):
      let fits = zip(shapes[0].extents, shape.extents).allSatisfy { $0 == $1 || $0 == 1 }
      try require(shape.rank == shapes[0].rank && fits, "turns \(shapes[0]) into \(shape)")
      return TensorType(number, shape)
    case .slice(let ranges):
      try require(ranges.count == shapes[0].rank, "needs a range per axis")
      for (range, extent) in zip(ranges, shapes[0].extents) {
        let last = range.start + (range.count - 1) * range.stride
        try require(
          range.start >= 0 && range.count > 0 && range.stride > 0 && last < extent,
          "leaves its axis of \(extent): \(range)")
      }
      return TensorType(number, Shape(ranges.map(\.count)))
    case .pad(let paddings):
      try require(paddings.count == shapes[0].rank, "needs a padding per axis")
      let extents = zip(paddings, shapes[0].extents).map { $0.extent(of: $1) }
      try require(
        paddings.allSatisfy { $0.low >= 0 && $0.high >= 0 && $0.interior >= 0 }, "is negative")
      return TensorType(number, Shape(extents))
    case .concatenate(let axis):
      let others = shapes.map { $0.replacing([axis], with: 0) }
      try require(
        shapes[0].extents.indices.contains(axis) && others.allSatisfy { $0 == others[0] },
        "joins \(operands) on axis \(axis)")
      let total = shapes.reduce(0) { $0 + $1[axis] }
      return TensorType(number, shapes[0].replacing([axis], with: total))
    case .reverse(let axes):
      try require(shapes[0].has(axes), "has axes \(axes) of \(shapes[0])")
      return operands[0]
    case .gather:
      try require(shapes[0].rank >= 1 && shapes[1].rank == 1, "takes table, indices: \(operands)")
      return TensorType(
        number, Shape([shapes[1].count] + shapes[0].extents.dropFirst()))
    case .scatterAdd(let rows):
      try require(
        shapes[0].rank == 1 && shapes[1].rank >= 1 && shapes[0][0] == shapes[1][0],
        "takes indices, updates: \(operands)")
      return TensorType(number, Shape([rows] + shapes[1].extents.dropFirst()))
    case .oneHot(let classes):
      return TensorType(number, Shape(shapes[0].extents + [classes]))
    case .matrixProduct(let transposeLeft, let transposeRight):
      let rank = shapes[0].rank
      try require(
        rank >= 2 && shapes[1].rank == rank
          && shapes[0].extents.dropLast(2) == shapes[1].extents.dropLast(2),
        "takes \(operands)")
      let left = (shapes[0][rank - 2], shapes[0][rank - 1])
      let right = (shapes[1][rank - 2], shapes[1][rank - 1])
      let (rows, inner) = transposeLeft ? (left.1, left.0) : left
      let (inner2, columns) = transposeRight ? (right.1, right.0) : right
      try require(inner == inner2, "takes \(operands)")
      return TensorType(number, Shape(shapes[0].extents.dropLast(2) + [rows, columns]))
    case .convolution(let convolution):
      let (input, filter) = (shapes[0], shapes[1])
      try require(input.rank == 4 && filter.rank == 4, "takes \(operands)")
      try convolution.check(channels: input[3], filter: filter)
      return try TensorType(
        number, convolution.output(input[0], input[1], input[2], channels: filter[0]))
    case .convolutionInputGradient(let convolution, let height, let width):
      let (gradient, filter) = (shapes[0], shapes[1])
      try require(gradient.rank == 4 && filter.rank == 4, "takes \(operands)")
      let channels = filter[1] * convolution.groups
      try convolution.check(channels: channels, filter: filter)
      let output = try convolution.output(gradient[0], height, width, channels: filter[0])
      try require(gradient == output, "has gradient \(gradient) of output \(output)")
      return TensorType(number, [gradient[0], height, width, channels])
    case .convolutionFilterGradient(let convolution):
      let (input, gradient) = (shapes[0], shapes[1])
      try require(input.rank == 4 && gradient.rank == 4, "takes \(operands)")
      try require(convolution.groups > 0, "has \(convolution.groups) groups")
      let output = try convolution.output(input[0], input[1], input[2], channels: gradient[3])
      try require(gradient == output, "has gradient \(gradient) of output \(output)")
      let filter: Shape = [
        gradient[3], input[3] / convolution.groups, convolution.vertical.kernel,
        convolution.horizontal.kernel,
      ]
      try convolution.check(channels: input[3], filter: filter)
      return TensorType(number, filter)
    case .maxPool(let window):
      return try TensorType(number, window.output(of: shapes[0]))
    case .poolGather(let window):
      let output = try window.output(of: shapes[1])
      try require(shapes[0] == output, "takes argmax, map: \(operands)")
      return TensorType(number, output)
    case .poolScatter(let window, let height, let width):
      try require(
        shapes[0] == shapes[1] && shapes[1].rank == 4, "takes argmax, map: \(operands)")
      let input: Shape = [shapes[1][0], height, width, shapes[1][3]]
      try require(try window.output(of: input) == shapes[1], "takes \(operands) to \(input)")
      return TensorType(number, input)
    case .poolSum(let window):
      return try TensorType(number, window.output(of: shapes[0]))
    case .poolSpread(let window, let height, let width):
      try require(shapes[0].rank == 4, "takes \(operands[0])")
      let input: Shape = [shapes[0][0], height, width, shapes[0][3]]
      try require(try window.output(of: input) == shapes[0], "takes \(operands[0]) to \(input)")
      return TensorType(number, input)
    case .scan(let scan):
      return try scan.resultTypes(of: operands)[0]
    case .composite(let composite):
      return try composite.definition.resultTypes(of: operands)[0]
    }
  }

  /// The number of operands; nil for one or more.
  package var arity: Int? {
    switch self {
    case .input, .parameter, .constant, .random: 0
    case .unary, .convert, .reduce, .reshape, .permute, .broadcast, .slice, .pad, .reverse,
      .oneHot, .maxPool, .poolSum, .poolSpread:
      1
    case .binary, .compare, .gather, .scatterAdd, .matrixProduct, .convolution,
      .convolutionInputGradient, .convolutionFilterGradient, .poolGather, .poolScatter:
      2
    case .select: 3
    case .concatenate: nil
    case .scan(let scan): scan.leaves.count
    case .composite(let composite): composite.definition.operands.count
    }
  }

  private func expect(_ count: Int) throws(ProgramError) {
    if let arity {
      try require(count == arity, "takes \(arity) operands, not \(count)")
    } else {
      try require(count > 0, "takes at least one operand")
    }
  }
}

func require(
  _ condition: Bool, _ message: @autoclosure () -> String
) throws(ProgramError) {
  guard condition else { throw ProgramError(message()) }
}

extension Shape {
  /// Whether these are axes of the shape, in ascending order.
  fileprivate func has(_ axes: [Int]) -> Bool {
    axes.allSatisfy(extents.indices.contains) && zip(axes, axes.dropFirst()).allSatisfy { $0 < $1 }
  }
}

extension SlidingAxis {
  /// The number of positions along an axis, at least one.
  fileprivate func checkedPositions(along extent: Int) throws(ProgramError) -> Int {
    try require(
      kernel > 0 && stride > 0 && dilation > 0 && low >= 0 && high >= 0,
      "has kernel \(kernel), stride \(stride), dilation \(dilation), padding \(low)|\(high)")
    let positions = positions(along: extent)
    try require(positions > 0, "of reach \(reach) does not fit an axis of \(low)|\(extent)|\(high)")
    return positions
  }
}

extension Convolution {
  fileprivate func check(channels: Int, filter: Shape) throws(ProgramError) {
    try require(
      groups > 0 && channels % groups == 0 && filter[0] % groups == 0
        && filter[1] == channels / groups && filter[2] == vertical.kernel
        && filter[3] == horizontal.kernel,
      "has filter \(filter) for \(channels) channels in \(groups) groups")
  }

  fileprivate func output(
    _ samples: Int, _ height: Int, _ width: Int, channels: Int
  ) throws(ProgramError) -> Shape {
    try [
      samples, vertical.checkedPositions(along: height),
      horizontal.checkedPositions(along: width), channels,
    ]
  }
}

extension Window {
  fileprivate func output(of input: Shape) throws(ProgramError) -> Shape {
    try require(input.rank == 4, "takes four axes, not \(input)")
    let rows = try vertical.checkedPositions(along: input[1])
    let columns = try horizontal.checkedPositions(along: input[2])
    // Padding is never the maximum, so each window needs an element of the map.
    let covered =
      (0..<rows).allSatisfy { !vertical.taps(at: $0, of: input[1]).isEmpty }
      && (0..<columns).allSatisfy { !horizontal.taps(at: $0, of: input[2]).isEmpty }
    try require(covered, "has a window on nothing but padding of \(input)")
    return [input[0], rows, columns, input[3]]
  }
}
