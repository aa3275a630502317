import Graphs
import TestSupport

extension ProgramWriter {
  mutating func addOperation() {
    let (x, bound) = anyValue()
    let shape = builder.shape(of: x)
    switch generator.integer(in: 0...(isLarge ? 15 : 30)) {
    case 0...6:
      let pair = [operand(for: shape), chance(30) ? operand(for: shape) : (x, bound)]
      let ((a, bound), (b, other)) = chance(50) ? (pair[0], pair[1]) : (pair[1], pair[0])
      switch one(of: Binary.allCases) {
      case .add: add(builder.add(a, b), bound: bound + other)
      case .subtract: add(builder.subtract(a, b), bound: bound + other)
      case .multiply: add(builder.multiply(a, b), bound: bound * other)
      case .divide: add(builder.divide(a, builder.constant(-1, shape)), bound: bound)
      case .maximum: add(builder.maximum(a, b), bound: max(bound, other))
      }
    case 7: add(builder.emit(.unary(.negate), x), bound: bound)
    case 8, 9:
      let (y, _) = operand(for: shape)
      let mask = builder.emit(.compare(one(of: Comparison.allCases)), x, y)
      let ((a, first), (b, second)) = (operand(for: shape), operand(for: shape))
      others.append(mask)
      add(builder.emit(.select, mask, chance(30) ? x : a, b), bound: max(bound, first, second))
    case 10:
      let number: NumberType = chance(50) ? .int32 : .uint8
      let integers = builder.emit(.convert(number), x)
      self.integers.append(integers)
      add(builder.emit(.convert(.float32), integers), bound: max(bound, 255))
    case 11, 12: addReduction(x, bound)
    case 13...15: addIntegers(shape)
    case 16: add(builder.reshape(x, other(shape)), bound: bound)
    case 17...21: addMovement(x, bound)
    case 22: addIndexing(x, bound)
    case 23: addMatrixProduct()
    case 24: addConvolution()
    case 25: addNormalisation()
    case 26: addCrossEntropy()
    case 27: addLoop()
    default: addPooling()
    }
  }

  /// A second operand: a value of this shape, one that is repeated along some axes, or the first.
  mutating func operand(for shape: Shape) -> (value: Value, bound: Double) {
    let equal = values.filter { builder.shape(of: $0.value) == shape }
    let sameCount = values.filter { builder.shape(of: $0.value).count == shape.count }
    switch generator.integer(in: 0...9) {
    case 0...3 where !equal.isEmpty: return one(of: equal)
    case 4 where !sameCount.isEmpty:
      let (value, bound) = one(of: sameCount)
      return (builder.reshape(value, shape), bound)
    case 5:
      let number = Double(generator.integer(in: -3...3))
      return (builder.constant(number, shape), 3)
    case 6...8:
      // Any stretch of axes stays: broadcasts along leading, trailing, outer or scattered axes.
      let thin = Shape(shape.extents.map { chance(50) ? 1 : $0 })
      let fitting = values.filter { builder.shape(of: $0.value).count == thin.count }
      let (value, bound) = fitting.isEmpty ? addLeaf(thin) : one(of: fitting)
      return (builder.broadcast(builder.reshape(value, thin), shape), bound)
    default: return addLeaf(shape)
    }
  }

  /// Another shape of as many elements.
  mutating func other(_ shape: Shape) -> Shape {
    switch generator.integer(in: 0...3) {
    case 0: [shape.count]
    case 1: Shape([1] + shape.extents)
    case 2: Shape(shape.extents + [1])
    default: Shape(shape.extents.reversed())
    }
  }

  private mutating func addReduction(_ x: Value, _ bound: Double) {
    let shape = builder.shape(of: x)
    let axes = (0..<shape.rank).filter { _ in chance(50) }
    let terms = axes.reduce(1) { $0 * shape[$1] }
    // The gradient of a maximum is shared by equal elements: the third of a number is not whole.
    if !takesGradients && chance(30) {
      add(builder.emit(.reduce(.maximum, axes: axes), x), bound: bound)
    } else {
      add(builder.sum(x, axes: axes), bound: bound * Double(terms))
    }
  }

  private mutating func addMovement(_ x: Value, _ bound: Double) {
    let shape = builder.shape(of: x)
    let axes = Array(0..<shape.rank)
    switch generator.integer(in: 0...5) {
    case 0: add(builder.emit(.permute(axes.shuffled(using: &generator)), x), bound: bound)
    case 1:
      let wide = shape.extents.map { $0 == 1 ? generator.integer(in: 1...3) : $0 }
      add(builder.broadcast(x, Shape(wide)), bound: bound)
    case 2:
      let stretches = shape.extents.map { extent in
        let start = generator.integer(in: 0...extent - 1)
        let stride = generator.integer(in: 1...2)
        let most = (extent - 1 - start) / stride + 1
        return AxisRange(start: start, count: generator.integer(in: 1...most), stride: stride)
      }
      add(builder.emit(.slice(stretches), x), bound: bound)
    case 3:
      guard shape.count <= 100 else { return }
      let paddings = axes.map { _ in
        Padding(
          low: generator.integer(in: 0...1), high: generator.integer(in: 0...1),
          interior: generator.integer(in: 0...1))
      }
      add(builder.emit(.pad(paddings), x), bound: bound)
    case 4 where !axes.isEmpty && shape.count <= 100:
      let (y, other) = operand(for: shape)
      let parts = chance(30) ? [x, y, x] : [x, y]
      add(builder.emit(.concatenate(axis: one(of: axes)), parts), bound: max(bound, other))
    default: add(builder.emit(.reverse(axes: axes.filter { _ in chance(50) }), x), bound: bound)
    }
  }

  private mutating func addIndexing(_ x: Value, _ bound: Double) {
    let shape = builder.shape(of: x)
    guard shape.rank > 0 else { return }
    let count = generator.integer(in: 1...4)
    switch generator.integer(in: 0...2) {
    case 0: add(builder.emit(.gather, x, indices(count, below: shape[0])), bound: bound)
    case 1:
      let rows = indices(shape[0], below: count)
      add(builder.emit(.scatterAdd(rows: count), rows, x), bound: bound * Double(shape[0]))
    default: add(builder.emit(.oneHot(classes: count), indices(3, below: count)), bound: 1)
    }
  }

  private mutating func addMatrixProduct() {
    let (a, bound) = anyValue(rank: generator.integer(in: 2...3))
    let shape = builder.shape(of: a)
    let (left, right) = (chance(50), chance(50))
    let (rows, inner) = (shape[shape.rank - (left ? 1 : 2)], shape[shape.rank - (left ? 2 : 1)])
    let columns = generator.integer(in: 1...4)
    let batch = Array(shape.extents.dropLast(2))
    let (b, other) = operand(for: Shape(batch + (right ? [columns, inner] : [inner, columns])))
    guard shape.count * rows * columns < 4000 else { return }
    add(
      builder.matrixProduct(a, b, transposeLeft: left, transposeRight: right),
      bound: bound * other * Double(inner))
  }

  private mutating func addConvolution() {
    let (x, bound) = anyValue(rank: 4)
    let shape = builder.shape(of: x)
    let convolution = Convolution(vertical: slidingAxis(), horizontal: slidingAxis())
    guard shape.count <= 200, convolution.vertical.positions(along: shape[1]) > 0,
      convolution.horizontal.positions(along: shape[2]) > 0
    else { return }
    let filter: Shape = [
      generator.integer(in: 1...3), shape[3], convolution.vertical.kernel,
      convolution.horizontal.kernel,
    ]
    let (weights, other) = operand(for: filter)
    let y = builder.emit(.convolution(convolution), x, weights)
    let bounds = bound * other * Double(filter.count / filter[0])
    if chance(60) {
      // A bias, or what looks like one.
      let shape = builder.shape(of: y)
      let axis = chance(70) ? 3 : generator.integer(in: 0...3)
      let bias = shape.replacing((0..<4).filter { $0 != axis }, with: 1)
      let spread = builder.broadcast(addLeaf(bias).value, shape)
      add(chance(80) ? builder.add(y, spread) : builder.add(spread, y), bound: bounds + 3)
    }
    if chance(50) { add(y, bound: bounds) } else { others.append(y) }
  }

  private mutating func addPooling() {
    let (x, bound) = anyValue(rank: 4)
    let shape = builder.shape(of: x)
    let window = Window(vertical: poolingAxis(shape[1]), horizontal: poolingAxis(shape[2]))
    let results = builder.results(of: .maxPool(window), [x])
    others.append(results[1])
    if chance(80) { add(results[0], bound: bound) }
    guard chance(30) else { return }
    // Elements of another map stand where the maxima stood.
    let map = operand(for: shape).value
    add(builder.emit(.poolGather(window), results[1], map), bound: max(bound, 64))
  }

  /// A norm of as many ones as minus ones, with a deviation of 2: some of its results are read.
  private mutating func addNormalisation() {
    let isOfSamples = chance(50)
    let (groups, members) = (generator.integer(in: 1...3), one(of: [2, 4]))
    let signs = (0..<groups).map { _ in
      (0..<members).map { $0 < members / 2 ? 1.0 : -1 }.shuffled(using: &generator)
    }
    let shape: Shape = isOfSamples ? [groups, members] : [members, groups]
    let elements = (0..<shape.count).map { place in
      isOfSamples
        ? signs[place / members][place % members] : signs[place % groups][place / groups]
    }
    let name = "p\(parameters.count)"
    parameters[name] = Tensor(shape, elements)
    let x = builder.parameter(name, shape)
    let (scale, shift) = (addLeaf([shape[1]]).value, addLeaf([shape[1]]).value)
    let results = builder.results(
      of: .composite(isOfSamples ? .layerNorm(epsilon: 3) : .batchNorm(epsilon: 3)),
      [x, scale, shift])
    hasNorms = true
    if chance(70) { add(builder.multiply(results[0], by: 2), bound: 9) }
    if chance(40) { add(builder.add(results[0], addLeaf(shape).value), bound: 8) }
    if chance(40) { add(results[1], bound: 1) }
    if chance(40) { add(results[2], bound: 1) }
  }

  /// A cross entropy of equal logits, as many as a power of two; the losses only have gradients.
  private mutating func addCrossEntropy() {
    let (samples, classes) = (generator.integer(in: 1...3), one(of: [1, 2, 4]))
    let name = "p\(parameters.count)"
    parameters[name] = Tensor([samples, classes], repeating: Double(generator.integer(in: -3...3)))
    let logits = builder.parameter(name, [samples, classes])
    let labels = indices(samples, below: classes)
    let results = builder.results(of: .composite(.softmaxCrossEntropy), [logits, labels])
    hasNorms = true
    if chance(70) { roots.append(results[0]) }
    if chance(50) { add(builder.multiply(results[1], by: Double(classes)), bound: 1) }
  }

  private mutating func slidingAxis() -> SlidingAxis {
    SlidingAxis(
      kernel: generator.integer(in: 1...3), stride: generator.integer(in: 1...2),
      low: generator.integer(in: 0...1), high: generator.integer(in: 0...1))
  }

  private mutating func poolingAxis(_ extent: Int) -> SlidingAxis {
    let kernel = generator.integer(in: 1...min(3, extent))
    return SlidingAxis(
      kernel: kernel, stride: generator.integer(in: 1...2),
      low: generator.integer(in: 0...kernel / 2), high: generator.integer(in: 0...kernel - 1))
  }
}
