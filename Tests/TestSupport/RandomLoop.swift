package import Graphs

/// A loop by chance: its operands, its step and how it runs.
///
/// With whole numbers nothing is rounded: values are cut to small ones where they would grow.
package struct RandomLoop: Sendable {
  /// The types of first carries, of items and of constants.
  package private(set) var carries: [TensorType] = []
  package private(set) var items: [TensorType] = []
  package private(set) var constants: [TensorType] = []
  package let axis: Int
  package let steps: Int
  package let isReversed: Bool
  package let memory: Int?
  let isWhole: Bool
  private let hasInner: Bool
  private let seed: UInt64

  package init(
    seed: UInt64, isWhole: Bool, steps: ClosedRange<Int> = 1...5, hasInner: Bool = true
  ) {
    var generator = XorShift(seed: (seed + 1) &* 0x9E37_79B9_7F4A_7C15)
    self.seed = seed
    self.isWhole = isWhole
    axis = generator.integer(in: 0...2)
    self.steps = generator.integer(in: steps)
    isReversed = generator.chance(50)
    memory = generator.chance(30) ? generator.integer(in: 1...self.steps) : nil
    self.hasInner = hasInner && generator.chance(10)
    let rows = generator.integer(in: 2...3)
    func shape(_ least: Int) -> Shape {
      if least == 2 || generator.chance(60) {
        let rank = generator.chance(80) ? 2 : 3
        return Shape([rows] + (1..<rank).map { _ in generator.integer(in: 2...3) })
      }
      return Shape((0..<max(least, generator.integer(in: 0...1))).map { _ in rows })
    }
    for _ in 0..<generator.integer(in: 0...3) {
      let number: NumberType = generator.chance(20) ? .int32 : .float32
      carries.append(TensorType(number, shape(0)))
    }
    for _ in 0..<generator.integer(in: carries.isEmpty ? 1...3 : 0...3) {
      let number: NumberType =
        generator.chance(70) ? .float32 : generator.one(of: [.int32, .uint8])
      items.append(TensorType(number, shape(axis)))
    }
    for _ in 0..<generator.integer(in: 0...3) {
      let rank = generator.integer(in: 1...2)
      constants.append(
        TensorType(.float32, Shape((0..<rank).map { _ in generator.integer(in: 2...3) })))
    }
  }

  /// The types of all operands: first carries, sequences, constants.
  package var operands: [TensorType] {
    carries + items.map { TensorType($0.number, $0.shape.inserting(steps, at: axis)) } + constants
  }

  /// Writes the loop for operands of those types.
  package func write(
    _ operands: [Value], remember memory: Int? = nil, in builder: inout Builder
  ) -> (carries: [Value], results: [Value]) {
    let firstConstant = carries.count + items.count
    return builder.scan(
      over: Array(operands[carries.count..<firstConstant]), axis: axis,
      from: Array(operands[..<carries.count]), with: Array(operands[firstConstant...]),
      steps: steps, reversed: isReversed, remember: memory
    ) { body, carries, items, constants in
      var writer = StepWriter(self, seed, carries, items, constants, in: body)
      for _ in 0..<writer.generator.integer(in: 1...9) { writer.addOperation(&body) }
      if hasInner { writer.addLoop(&body) }
      return writer.outputs(&body)
    }
  }
}

extension XorShift {
  fileprivate mutating func chance(_ percent: Int) -> Bool { integer(in: 1...100) <= percent }

  fileprivate mutating func one<Element>(of list: [Element]) -> Element {
    list[integer(in: 0...list.count - 1)]
  }
}

/// Writes operations of one step by chance; the same ones whenever the step is written.
private struct StepWriter {
  var generator: XorShift
  let loop: RandomLoop
  let carries: [Value]
  let leaves: [Value]
  let constants: [Value]
  /// Indices below 2: items, which nothing is computed of.
  let indices: [Value]
  var floats: [Value]
  var integers: [Value]
  var masks: [Value]

  init(
    _ loop: RandomLoop, _ seed: UInt64, _ carries: [Value], _ items: [Value],
    _ constants: [Value], in body: Builder
  ) {
    generator = XorShift(seed: (seed + 1) &* 0xD134_2543_DE82_EF95)
    self.loop = loop
    self.carries = carries
    self.constants = constants
    let leaves = carries + items + constants
    self.leaves = leaves
    func all(_ number: NumberType) -> [Value] {
      leaves.filter { body.type(of: $0).number == number }
    }
    floats = all(.float32)
    integers = all(.int32)
    masks = all(.uint8)
    indices = items.filter { body.type(of: $0).number == .int32 && body.shape(of: $0).rank == 1 }
  }

  mutating func addOperation(_ body: inout Builder) {
    guard let x = anyFloat(body) else { return addInteger(&body) }
    let shape = body.shape(of: x)
    let axes = Array(0..<shape.rank)
    switch generator.integer(in: 0...15) {
    case 0...2:
      let y = operand(for: shape, &body)
      let binary: Binary = generator.one(of: [.add, .subtract, .multiply, .maximum])
      add(body.emit(.binary(binary), x, y), &body)
    case 3...6: addProduct(&body)
    case 7:
      guard let axis = axes.last else { return }
      let row = floats.filter { body.shape(of: $0) == [shape[axis]] }
      guard !row.isEmpty else { return }
      add(body.add(x, body.broadcast(generator.one(of: row), over: shape)), &body)
    case 8:
      let ranges = shape.extents.map { extent in
        let start = generator.integer(in: 0...extent - 1)
        return AxisRange(start: start, count: generator.integer(in: 1...extent - start))
      }
      add(body.emit(.slice(ranges), x), &body)
    case 9:
      guard !axes.isEmpty else { return }
      let axis = generator.one(of: axes)
      let fitting = floats.filter {
        body.shape(of: $0).rank == shape.rank
          && body.shape(of: $0).replacing([axis], with: 1) == shape.replacing([axis], with: 1)
      }
      let joined = body.emit(.concatenate(axis: axis), x, generator.one(of: fitting))
      if body.shape(of: joined).count <= 24 { add(joined, &body) }
    case 10:
      let mask = body.emit(.compare(.less), x, operand(for: shape, &body))
      masks.append(mask)
    case 11:
      let fitting = masks.filter { body.shape(of: $0) == shape }
      guard !fitting.isEmpty else { return }
      let mask = generator.one(of: fitting)
      add(body.emit(.select, mask, x, operand(for: shape, &body)), &body)
    case 12:
      let sums = body.sum(x, axes: axes.filter { _ in generator.chance(50) })
      add(generator.chance(50) ? sums : body.broadcast(sums, shape), &body)
    case 13:
      add(body.emit(.permute(axes.shuffled(using: &generator)), x), &body)
    case 14: addInteger(&body)
    default:
      if loop.isWhole { return add(body.emit(.unary(.negate), x), &body) }
      let small = body.emit(.unary(generator.one(of: [.tanh, .sigmoid, .erf])), x)
      if generator.chance(20), !axes.isEmpty {
        add(body.emit(.composite(.softmax), small), &body)
      } else {
        add(generator.chance(30) ? body.emit(.unary(.exp), small) : small, &body)
      }
    }
  }

  /// A loop over an axis of a value of the step.
  mutating func addLoop(_ body: inout Builder) {
    let inner = RandomLoop(
      seed: generator.next() >> 8, isWhole: loop.isWhole, steps: 1...3, hasInner: false)
    let operands = inner.operands.map { type -> Value in
      let fitting = (floats + integers).filter { body.type(of: $0) == type }
      if !fitting.isEmpty { return generator.one(of: fitting) }
      guard type.number == .float32, let x = anyFloat(body) else { return body.constant(1, type) }
      // The sum of a value, so that gradients pass.
      let sum = body.reshape(
        clipped(body.total(x), &body), Shape(type.shape.extents.map { _ in 1 }))
      return body.broadcast(sum, type.shape)
    }
    let made = inner.write(operands, in: &body)
    for value in made.carries + made.results {
      switch body.type(of: value).number {
      case .float32: add(value, &body)
      case .int32: integers.append(value)
      default: masks.append(value)
      }
    }
  }

  /// The next carries, and results of all types: among them leaves as they are.
  mutating func outputs(_ body: inout Builder) -> (carries: [Value], results: [Value]) {
    let next = carries.map { carry in
      let all = floats + integers + masks
      let fitting = all.filter { body.type(of: $0) == body.type(of: carry) }
      let value = generator.chance(70) ? fitting[fitting.count - 1] : generator.one(of: fitting)
      // Real numbers grow no further than this.
      let isBounded = loop.isWhole || body.type(of: carry).number != .float32 || value == carry
      return isBounded ? value : body.emit(.unary(.tanh), value)
    }
    var results: [Value] = []
    for _ in 0..<generator.integer(in: next.isEmpty ? 1...3 : 0...3) {
      results.append(generator.one(of: generator.chance(30) ? leaves : floats + integers + masks))
    }
    if generator.chance(30), let carry = next.last { results.append(carry) }
    // Results of parts are joined along the axis of time, which they must have.
    if loop.memory != nil {
      results = results.map { body.inserting(axesFor: loop.axis, in: $0) }
    }
    return (next, results)
  }

  /// Recent values are chosen more often, so that chains grow.
  private mutating func anyFloat(_ body: Builder) -> Value? {
    floats.isEmpty ? nil : generator.one(of: floats.suffix(generator.chance(60) ? 3 : floats.count))
  }

  private mutating func operand(for shape: Shape, _ body: inout Builder) -> Value {
    let fitting = floats.filter { body.shape(of: $0) == shape }
    if !fitting.isEmpty, generator.chance(70) { return generator.one(of: fitting) }
    let thin = floats.filter {
      body.shape(of: $0).rank == shape.rank
        && zip(body.shape(of: $0).extents, shape.extents).allSatisfy { $0 == $1 || $0 == 1 }
    }
    if !thin.isEmpty { return body.broadcast(generator.one(of: thin), shape) }
    return body.constant(Double(generator.integer(in: -2...2)), shape)
  }

  private mutating func addProduct(_ body: inout Builder) {
    let matrices = floats.filter { body.shape(of: $0).rank == 2 }
    guard !matrices.isEmpty else { return }
    let factors = constants.filter { body.shape(of: $0).rank == 2 }
    let a = generator.one(of: matrices)
    let b = generator.one(of: factors.isEmpty || generator.chance(30) ? matrices : factors)
    let (left, right) = (generator.chance(25), generator.chance(50))
    let (x, y) = generator.chance(80) ? (a, b) : (b, a)
    let inner = (body.shape(of: x)[left ? 0 : 1], body.shape(of: y)[right ? 1 : 0])
    guard inner.0 == inner.1 else { return }
    let product = body.matrixProduct(x, y, transposeLeft: left, transposeRight: right)
    add(product, &body)
  }

  private mutating func addInteger(_ body: inout Builder) {
    guard !integers.isEmpty else { return }
    let n = generator.one(of: integers)
    let type = body.type(of: n)
    switch generator.integer(in: 0...4) {
    case 0, 1: integers.append(body.add(n, body.constant(1, type)))
    case 2: masks.append(body.emit(.compare(.less), n, body.constant(2, type)))
    case 3:
      let small = body.emit(.convert(.uint8), n)
      masks.append(small)
      add(body.emit(.convert(.float32), small), &body)
    default:
      let tables = floats.filter { body.shape(of: $0).rank > 0 && body.shape(of: $0)[0] > 1 }
      guard !indices.isEmpty, !tables.isEmpty else { return }
      add(body.emit(.gather, generator.one(of: tables), generator.one(of: indices)), &body)
    }
  }

  private mutating func add(_ value: Value, _ body: inout Builder) {
    floats.append(clipped(value, &body))
  }

  /// Whole numbers from -4 to 4.
  private func clipped(_ value: Value, _ body: inout Builder) -> Value {
    if !loop.isWhole { return value }
    let limit = body.constant(-4, body.shape(of: value))
    let negative = body.emit(.unary(.negate), body.maximum(value, limit))
    return body.emit(.unary(.negate), body.maximum(negative, limit))
  }
}

extension Builder {
  /// A value with at least so many axes.
  fileprivate mutating func inserting(axesFor axis: Int, in value: Value) -> Value {
    let extents = shape(of: value).extents
    let missing = max(0, axis - extents.count)
    return reshape(value, Shape(extents + [Int](repeating: 1, count: missing)))
  }
}
