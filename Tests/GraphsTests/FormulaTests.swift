import Graphs
import TestSupport
import Testing

/// The formulas that people read say what the program does.
@Suite struct FormulaTests {
  private static let numbers = [0.3, 0.9, 1.7, 2.4]

  /// Numbers by name.
  private func number(_ formula: Formula, _ x: [String: Double]) -> Double {
    func number(_ formula: Formula) -> Double { self.number(formula, x) }
    switch formula {
    case .name(let name): return x[name] ?? .nan
    case .number(let value): return value
    case .sum(let terms): return terms.map(number).reduce(0, +)
    case .difference(let a, let b): return number(a) - number(b)
    case .negative(let a): return -number(a)
    case .product(let a, let b): return number(a) * number(b)
    case .quotient(let a, let b): return number(a) / number(b)
    case .relation(let a, let comparison, let b):
      return comparison.holds(number(a), number(b)) ? 1 : 0
    case .function("choose", let x): return number(x[0]) == 1 ? number(x[1]) : number(x[2])
    case .function("max", let x): return x.map(number).max() ?? .nan
    case .function(let name, let x):
      return Unary(rawValue: name).map { $0.apply(number(x[0])) } ?? .nan
    case .derivative, .part, .matrixProduct, .transposed: return .nan
    }
  }

  /// The result and the gradients for a gradient of the result of 0.7.
  private func run(
    _ operation: Operation, _ operands: [Tensor], seed: Tensor? = nil
  ) throws -> (y: Tensor, gradients: [Tensor], seed: Tensor) {
    var builder = Builder()
    let leaves = operands.enumerated().map {
      builder.input("\($0)", TensorType(.float32, $1.shape))
    }
    let y = builder.emit(operation, leaves)
    let shape = builder.shape(of: y)
    let seed = seed ?? Tensor(shape, repeating: 0.7)
    let g = builder.input("g", TensorType(.float32, shape))
    let gradients = builder.gradients(of: y, seed: g, by: leaves)
    let program = builder.program(
      outputs: [Output("y", y)] + gradients.enumerated().map { Output("\($0)", $1) })
    var inputs = ["g": seed]
    for (index, operand) in operands.enumerated() { inputs["\(index)"] = operand }
    let outputs = try ReferenceEvaluator(program).evaluate(inputs: inputs)
    return (
      try #require(outputs["y"]), try operands.indices.map { try #require(outputs["\($0)"]) }, seed
    )
  }

  @Test(arguments: Unary.allCases)
  func unary(_ unary: Unary) throws {
    for x in Self.numbers {
      let (y, gradients, _) = try run(.unary(unary), [Tensor(x)])
      let values = ["x": x, "y": y.elements[0], "g": 0.7]
      let operation = Operation.unary(unary)
      #expect(isClose(number(operation.formula([.name("x")]), values), y.elements[0]))
      let rule = try #require(
        operation.derivative(of: 0, [.name("x")], y: .name("y"), g: .name("g")))
      #expect(isClose(number(rule.formula, values), gradients[0].elements[0]))
    }
  }

  @Test(arguments: Binary.allCases)
  func binary(_ binary: Binary) throws {
    let operation = Operation.binary(binary)
    let names: [Formula] = [.name("a"), .name("b")]
    for a in Self.numbers {
      for b in Self.numbers.reversed() {
        let (y, gradients, _) = try run(operation, [Tensor(a), Tensor(b)])
        let values = ["a": a, "b": b, "y": y.elements[0], "g": 0.7]
        #expect(isClose(number(operation.formula(names), values), y.elements[0]))
        for operand in 0..<2 {
          let rule = try #require(
            operation.derivative(of: operand, names, y: .name("y"), g: .name("g")))
          #expect(isClose(number(rule.formula, values), gradients[operand].elements[0]))
        }
      }
    }
  }

  /// Matrices by name.
  private func matrix(_ formula: Formula, _ x: [String: [[Double]]]) -> [[Double]] {
    switch formula {
    case .name(let name): return x[name] ?? []
    case .transposed(let a):
      let rows = matrix(a, x)
      return rows[0].indices.map { column in rows.map { $0[column] } }
    case .matrixProduct(let a, let b):
      let (left, right) = (matrix(a, x), matrix(b, x))
      return left.map { row in
        right[0].indices.map { column in
          zip(row, right).reduce(0) { $0 + $1.0 * $1.1[column] }
        }
      }
    default: return []
    }
  }

  @Test(arguments: [false, true], [false, true])
  func matrixProducts(_ left: Bool, _ right: Bool) throws {
    func tensor(_ rows: Int, _ columns: Int, _ first: Double) -> (Tensor, [[Double]]) {
      let numbers = (0..<rows * columns).map { first + 0.37 * Double($0) }
      return (
        Tensor([rows, columns], numbers),
        (0..<rows).map { Array(numbers[$0 * columns..<($0 + 1) * columns]) }
      )
    }
    let (a, rowsA) = left ? tensor(4, 2, -0.5) : tensor(2, 4, -0.5)
    let (b, rowsB) = right ? tensor(3, 4, 0.1) : tensor(4, 3, 0.1)
    let (g, rowsG) = tensor(2, 3, 0.9)
    let operation = Operation.matrixProduct(transposeLeft: left, transposeRight: right)
    let (y, gradients, _) = try run(operation, [a, b], seed: g)
    let matrices = ["a": rowsA, "b": rowsB, "g": rowsG]
    let names: [Formula] = [.name("a"), .name("b")]
    func expectEqual(_ formula: Formula, _ tensor: Tensor) {
      let numbers = matrix(formula, matrices).flatMap { $0 }
      #expect(zip(numbers, tensor.elements).allSatisfy { isClose($0, $1) }, "\(formula)")
      #expect(numbers.count == tensor.elements.count)
    }
    expectEqual(operation.formula(names), y)
    for operand in 0..<2 {
      let rule = try #require(
        operation.derivative(of: operand, names, y: .name("y"), g: .name("g")))
      expectEqual(rule.formula, gradients[operand])
    }
  }

  /// What has a derivative in one table has a rule in the other.
  @Test(arguments: OperationCase.all)
  func rulesAreThereForEveryDerivative(_ example: OperationCase) {
    var builder = Builder()
    let leaves = example.operands.enumerated().map { builder.input("\($0)", $1.type) }
    let names = leaves.indices.map { Formula.name("x\($0)") }
    if case .composite(.gradient) = example.operation { return }
    if example.operands.isEmpty { return }
    let y = builder.emit(example.operation, leaves)
    // A conversion to the type that it has already is nothing at all.
    guard !leaves.contains(y), builder.type(of: y).number == .float32 else { return }
    let g = builder.input("g", builder.type(of: y))
    let gradients = builder.gradients(of: y, seed: g, by: leaves)
    for (operand, gradient) in zip(leaves.indices, gradients) {
      var isConstant = false
      if case .constant = builder.instructions[gradient.index].operation { isConstant = true }
      let rule = example.operation.derivative(
        of: operand, names, y: .name("y"), g: .name("g"))
      #expect(isConstant || rule != nil, "\(example.operation) \(operand)")
    }
  }
}
