package import Graphs

extension Scan {
  /// A loop whose step is as it is written: nothing is saved, and nothing leaves it.
  package init(
    over items: [TensorType] = [], axis: Int = 0, steps: Int, from carries: [TensorType] = [],
    with constants: [TensorType] = [], reversed: Bool = false, _ step: Builder.Step
  ) {
    var body = Builder()
    let leaves = (carries + items + constants).enumerated().map { body.input("\($0)", $1) }
    let (next, results) = step(
      &body, Array(leaves[..<carries.count]),
      Array(leaves[carries.count..<carries.count + items.count]),
      Array(leaves[(carries.count + items.count)...]))
    let outputs = (next + results).enumerated().map { Output("\($0)", $1) }
    self.init(
      Program(body.instructions, outputs: outputs), carries: carries.count, sequences: items.count,
      axis: axis, steps: steps, isReversed: reversed)
  }
}

extension Draw {
  mutating func scanCases() -> [OperationCase] {
    [
      cell(axis: 0), cell(axis: 1), cell(axis: 1, reversed: true), cell(axis: 1, steps: 1),
      map(axis: 0), map(axis: 2, reversed: true), masked(), recurrence(), swap(), nested(),
    ]
  }

  private func loop(
    _ carries: [Operand], over sequences: [Operand] = [], axis: Int = 0, steps: Int,
    with constants: [Operand] = [], reversed: Bool = false, _ step: Builder.Step
  ) -> OperationCase {
    let items = sequences.map { TensorType($0.type.number, $0.type.shape.removing(axis)) }
    let scan = Scan(
      over: items, axis: axis, steps: steps, from: carries.map(\.type),
      with: constants.map(\.type), reversed: reversed, step)
    return OperationCase(.scan(scan), carries + sequences + constants)
  }

  /// h = tanh(x W + h U + b).
  private mutating func cell(axis: Int, steps: Int = 3, reversed: Bool = false) -> OperationCase {
    let item: Shape = [2, 3]
    return loop(
      [floats([2, 4])], over: [floats(item.inserting(steps, at: axis))], axis: axis, steps: steps,
      with: [floats([3, 4], in: -1...1), floats([4, 4], in: -1...1), floats([4])],
      reversed: reversed
    ) { body, carries, items, constants in
      let products = body.add(
        body.matrixProduct(items[0], constants[0]), body.matrixProduct(carries[0], constants[1]))
      let bias = body.broadcast(constants[2], over: [2, 4])
      let h = body.emit(.unary(.tanh), body.add(products, bias))
      return ([h], [h])
    }
  }

  /// No carries: a result of each step, an item as it is, and a constant.
  private mutating func map(axis: Int, reversed: Bool = false) -> OperationCase {
    let shape = ([2, 3] as Shape).inserting(4, at: axis)
    return loop(
      [], over: [floats(shape), floats(shape)], axis: axis, steps: 4, reversed: reversed
    ) { body, _, items, _ in
      let product = body.multiply(items[0], items[1])
      return ([], [product, items[1], body.constant(3, [2])])
    }
  }

  /// Samples that end before the last step keep their state; a counter counts their steps.
  private mutating func masked() -> OperationCase {
    loop(
      [floats([3, 2]), integers([3], below: 9)],
      over: [floats([3, 4, 2]), integers([3, 4, 2], below: 2, .uint8)], axis: 1, steps: 4
    ) { body, carries, items, _ in
      let next = body.multiply(body.emit(.unary(.sigmoid), carries[0]), items[0])
      let state = body.emit(.select, items[1], next, carries[0])
      let count = body.add(carries[1], body.constant(1, TensorType(.int32, [3])))
      return ([state, count], [count, state])
    }
  }

  /// No sequences and no results.
  private mutating func recurrence() -> OperationCase {
    loop(
      [floats([3], in: 0.5...1)], steps: 3, with: [floats([3], in: 0.5...1)]
    ) { body, carries, _, constants in
      ([body.multiply(body.multiply(carries[0], carries[0]), constants[0])], [])
    }
  }

  /// Carries that change their places, one that stays, and a result that is a carry.
  private mutating func swap() -> OperationCase {
    loop(
      [floats([2]), floats([2]), floats([3])], over: [floats([3, 2])], steps: 3
    ) { body, carries, items, _ in
      ([carries[1], body.add(carries[0], items[0]), carries[2]], [carries[0]])
    }
  }

  /// A loop over the rows of each item.
  private mutating func nested() -> OperationCase {
    let inner = Scan(
      over: [TensorType(.float32, [2])], axis: 1, steps: 3, from: [TensorType(.float32, [2])],
      with: [TensorType(.float32, [2])]
    ) { body, carries, items, constants in
      let sum = body.add(body.multiply(carries[0], constants[0]), items[0])
      return ([body.emit(.unary(.tanh), sum)], [sum])
    }
    return loop(
      [floats([2])], over: [floats([2, 2, 3])], axis: 0, steps: 2, with: [floats([2], in: -1...1)]
    ) { body, carries, items, constants in
      let results = body.results(of: .scan(inner), [carries[0], items[0], constants[0]])
      return ([results[0]], [body.multiply(results[1], items[0])])
    }
  }
}
