import Graphs
import TestSupport
import Testing

/// A case as a scalar: the sum of one result's elements, each with a weight that is an input too.
private struct WeightedSum {
  var builder: Builder
  var inputs: [String: Tensor]
  let sources: [(String, Value)]
  let loss: Value

  init(_ example: ResultCase) {
    let `case` = example.case
    var builder = Builder()
    var inputs = `case`.inputs
    let operands = `case`.operands.enumerated().map { builder.input("\($0)", $1.type) }
    let y = builder.results(of: `case`.operation, operands)[example.result]
    let r = builder.weights("r", builder.shape(of: y), &inputs)
    loss = builder.total(builder.multiply(y, r))
    sources =
      operands.enumerated().filter { builder.type(of: $1).number == .float32 }
      .map { ("\($0)", $1) } + [("r", r)]
    self.builder = builder
    self.inputs = inputs
  }
}

extension Builder {
  /// An input of random numbers.
  fileprivate mutating func weights(
    _ name: String, _ shape: Shape, _ inputs: inout [String: Tensor]
  ) -> Value {
    var generator = XorShift(seed: UInt64(name.utf8.reduce(11) { $0 * 31 + Int($1) }))
    inputs[name] = Tensor(shape, (0..<shape.count).map { _ in generator.number(in: 0.5...1.5) })
    return input(name, TensorType(.float32, shape))
  }
}

@Suite struct GradientsTests {
  private static let cases = OperationCase.all.flatMap(\.differentiableResults)

  @Test func everyOperationThatPassesGradientsIsTested() {
    let tested = Set(GradientsTests.cases.map { OperationKind($0.case.operation) })
    let untested = OperationKind.allCases.filter { !tested.contains($0) }
    #expect(
      untested == [.input, .parameter, .constant, .random, .compare, .oneHot])
  }

  @Test(arguments: cases)
  func firstDerivative(case: ResultCase) throws {
    var sum = WeightedSum(`case`)
    let program = try sum.builder.gradientProgram(sum.loss, by: sum.sources)
    let function = Loss(program, inputs: sum.inputs)
    for (name, _) in sum.sources { try function.expectGradient(of: name, "by \(name)") }
  }

  /// The gradients, summed with weights of their own, are the function that is differentiated.
  @Test(arguments: cases)
  func secondDerivative(case: ResultCase) throws {
    var sum = WeightedSum(`case`)
    let gradients = sum.builder.gradients(of: sum.loss, by: sum.sources.map(\.1))
    var loss = sum.builder.constant(0)
    for ((name, _), gradient) in zip(sum.sources, gradients) {
      let weights = sum.builder.weights(
        "s\(name)", sum.builder.shape(of: gradient), &sum.inputs)
      loss = sum.builder.add(loss, sum.builder.total(sum.builder.multiply(weights, gradient)))
    }
    let program = try sum.builder.gradientProgram(loss, by: sum.sources)
    let function = Loss(program, inputs: sum.inputs)
    for (name, _) in sum.sources { try function.expectGradient(of: name, "by \(name)") }
  }

  /// Where maxima are equal the left side of `maximum` gets nothing, so that relu'(0) = 0.
  @Test func maximumAtEqualityGoesRight() throws {
    var builder = Builder()
    let x = builder.input("x", TensorType(.float32, [4]))
    let relu = builder.maximum(x, builder.constant(0, [4]))
    let program = try builder.gradientProgram(builder.total(relu), by: [("x", x)])
    let outputs = try ReferenceEvaluator(program).evaluate(
      inputs: ["x": Tensor([4], [-1, -0.0, 0, 2])])
    #expect(outputs["d x"]?.elements == [0, 0, 0, 1])
  }

  @Test func equalMaximaShareTheGradientOfAReduction() throws {
    var builder = Builder()
    let x = builder.input("x", TensorType(.float32, [4]))
    let maximum = builder.emit(.reduce(.maximum, axes: [0]), x)
    let program = try builder.gradientProgram(builder.total(maximum), by: [("x", x)])
    let outputs = try ReferenceEvaluator(program).evaluate(
      inputs: ["x": Tensor([4], [3, 1, 3, 2])])
    #expect(outputs["d x"]?.elements == [0.5, 0, 0.5, 0])
  }

  /// Max-pooling as a whole, where argmax, gather and scatter work together, and what lies beneath
  /// it is differentiated through it.
  @Test(arguments: OperationKind.maxPool.cases.filter { $0.description.contains("float32[2") })
  func maxPooling(case: OperationCase) throws {
    guard case .maxPool(let window) = `case`.operation else { return }
    let shape = `case`.operands[0].type.shape
    var builder = Builder()
    var draw = XorShift(seed: 23)
    let order = (0..<shape.count).map { Double($0) / 8 }.shuffled(using: &draw)
    let x = builder.input("x", TensorType(.float32, shape))
    let pooled = builder.maxPool(builder.multiply(x, x), window)
    let loss = builder.total(builder.multiply(pooled, pooled))
    let inputs = ["x": Tensor(shape, order.map { ($0 + 1).squareRoot() })]
    let first = try builder.gradientProgram(loss, by: [("x", x)])
    try Loss(first, inputs: inputs).expectGradient(of: "x", "first")
    let gradient = builder.gradients(of: loss, by: [x])[0]
    let square = builder.total(builder.multiply(gradient, gradient))
    let second = try builder.gradientProgram(square, by: [("x", x)])
    try Loss(second, inputs: inputs).expectGradient(of: "x", "second")
  }

  @Test func whatDoesNotDependHasZeroGradient() throws {
    var builder = Builder()
    let (x, y) = (
      builder.input("x", TensorType(.float32, [2])), builder.input("y", TensorType(.float32, [3]))
    )
    let program = try builder.gradientProgram(builder.total(x), by: [("x", x), ("y", y)])
    let outputs = try ReferenceEvaluator(program).evaluate(
      inputs: ["x": Tensor([2], [1, 2]), "y": Tensor([3], [1, 2, 3])])
    #expect(outputs["d x"]?.elements == [1, 1])
    #expect(outputs["d y"]?.elements == [0, 0, 0])
  }

  /// A source inside the graph is held while the ones below it move.
  @Test func sourcesAreHeldIndependent() throws {
    var builder = Builder()
    let x = builder.input("x", TensorType(.float32, []))
    let square = builder.multiply(x, x)
    let loss = builder.multiply(square, x)
    let program = try builder.gradientProgram(loss, by: [("x", x), ("square", square)])
    let outputs = try ReferenceEvaluator(program).evaluate(inputs: ["x": Tensor(3)])
    #expect(outputs["d x"]?.elements == [9])
    #expect(outputs["d square"]?.elements == [3])
  }
}
