internal import Graphs

/// The elements of its operands that an instruction computes each element from.
extension ElementFormulas {
  struct Place {
    let operand: Int
    let element: Int
  }

  /// Elements that are multiplied.
  typealias Product = [Place]

  /// The source of each element of an operation that only moves elements; nil for zeros in between.
  ///
  /// The operation is run on the numbers 1, 2, 3, ..., so its meaning is written once.
  func moved(_ value: Value, _ operands: [Int]) -> [Place?] {
    let instruction = program[value]
    var places: [Place?] = [nil]
    let numbered = instruction.operands.enumerated().map { operand, value in
      guard operands.contains(operand) else { return values[value] }
      let shape = program.type(of: value).shape
      defer { places += (0..<shape.count).map { Place(operand: operand, element: $0) } }
      return Tensor(shape, (0..<shape.count).map { Double(places.count + $0) })
    }
    let types = instruction.operands.map { program.type(of: $0).number }
    return run(instruction.operation, numbered, types).map { places[Int($0)] }
  }

  /// The maxima that a max-pooling chose.
  func maxima(_ value: Value, _ window: Window) -> [Place?] {
    let argmax = values[Value(value.index, result: 1)]
    let elements = run(
      .poolGather(window), [argmax, numbers(program[value].operands[0])],
      [window.indexType, .float32])
    return elements.map { Place(operand: 0, element: Int($0) - 1) }
  }

  /// The elements that a reduction reduces to each element, found by a broadcast back.
  func reduced(_ value: Value) -> [[Product]] {
    let shape = program.type(of: program[value].operands[0]).shape
    return placed(0, of: value, run(.broadcast(shape), [numbers(value)], [.float32]))
  }

  /// The elements that are added to each element of a table or map, found by the operation that
  /// reads it.
  func scattered(_ value: Value, by reading: Operation) -> [[Product]] {
    let indices = program[value].operands[0]
    let (places, table) = (values[indices], numbers(value))
    let type = program.type(of: indices).number
    let targets =
      reading == .gather
      ? run(reading, [table, places], [.float32, type])
      : run(reading, [places, table], [type, .float32])
    return placed(1, of: value, targets)
  }

  /// The numbers from 1 on, in a value's shape.
  private func numbers(_ value: Value) -> Tensor {
    let shape = program.type(of: value).shape
    return Tensor(shape, (1...shape.count).map { Double($0) })
  }

  /// The elements of an operand by their elements of the result, which `targets` counts from 1.
  private func placed(_ operand: Int, of value: Value, _ targets: [Double]) -> [[Product]] {
    var places = [[Product]](repeating: [], count: program.type(of: value).count)
    for (element, target) in targets.enumerated() {
      places[Int(target) - 1].append([Place(operand: operand, element: element)])
    }
    return places
  }

  /// The elements of the operand that share a window with each element of the result.
  func windows(_ value: Value, _ window: Window, input: Value, output: Value) -> [[Product]] {
    var places = [[Product]](repeating: [], count: program.type(of: value).count)
    window.forEachWindow(program.type(of: input).shape, program.type(of: output).shape) {
      element, channel, rows, columns in
      for (_, row) in rows {
        for (_, column) in columns {
          let place = row + column + channel
          let (result, operand) = value == output ? (element, place) : (place, element)
          places[result].append([Place(operand: 0, element: operand)])
        }
      }
    }
    return places
  }

  /// The products that a contraction adds up.
  func products(_ value: Value) -> [[Product]] {
    let instruction = program[value]
    let shapes = instruction.operands.map { program.type(of: $0).shape }
    let shape = instruction.type.shape
    var products = [[Product]](repeating: [], count: shape.count)
    func add(_ result: Int, _ a: Int, _ b: Int) {
      products[result].append([Place(operand: 0, element: a), Place(operand: 1, element: b)])
    }
    switch instruction.operation {
    case .convolution(let convolution):
      convolution.forEachProduct(shapes[0], shapes[1], shape) { i, f, o in add(o, i, f) }
    case .convolutionInputGradient(let convolution, _, _):
      convolution.forEachProduct(shape, shapes[1], shapes[0]) { i, f, o in add(i, o, f) }
    case .convolutionFilterGradient(let convolution):
      convolution.forEachProduct(shapes[0], shape, shapes[1]) { i, f, o in add(f, i, o) }
    case .matrixProduct(let left, let right):
      let (rows, columns) = (shape[shape.rank - 2], shape[shape.rank - 1])
      let inner = shapes[0][shape.rank - (left ? 2 : 1)]
      for result in 0..<shape.count {
        let (matrix, row, column) = (
          result / (rows * columns), result / columns % rows, result % columns
        )
        let (a, b) = (matrix * rows * inner, matrix * inner * columns)
        for k in 0..<inner {
          add(
            result, a + (left ? k * rows + row : row * inner + k),
            b + (right ? column * inner + k : k * columns + column))
        }
      }
    default: preconditionFailure("\(instruction.operation) is no contraction")
    }
    return products
  }

  /// The elements of an operation on operands.
  private func run(
    _ operation: Operation, _ operands: [Tensor], _ types: [NumberType]
  ) -> [Double] {
    var builder = Builder()
    var inputs: [String: Tensor] = [:]
    let leaves = zip(operands, types).enumerated().map { index, operand in
      inputs["\(index)"] = operand.0
      return builder.input("\(index)", TensorType(operand.1, operand.0.shape))
    }
    let result = builder.emit(operation, leaves)
    let program = builder.program(outputs: [Output("result", result)])
    guard let outputs = try? ReferenceEvaluator(program).evaluate(inputs: inputs),
      let tensor = outputs["result"]
    else { preconditionFailure("\(operation) ran before and does not now") }
    return tensor.elements
  }
}
