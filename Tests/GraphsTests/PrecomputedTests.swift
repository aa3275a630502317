import Graphs
import TestSupport
import Testing

/// Programs in two parts, of which the first reads parameters alone.
@Suite struct PrecomputedTests {
  private func program(gathersLast: Bool) -> Program {
    var builder = Builder()
    builder.gathersLast = gathersLast
    let rows = builder.emit(
      .gather, builder.parameter("table", [5, 3]), builder.input("x", TensorType(.int32, [2])))
    let weight = builder.parameter("weight", [4, 3])
    let bias = builder.add(builder.parameter("b", [4]), builder.parameter("c", [4]))
    let y = builder.add(
      builder.matrixProduct(rows, weight, transposeRight: true),
      builder.broadcast(bias, over: [2, 4])
    )
    // A factor that is computed of a parameter stays where it is, to be packed.
    let square = builder.parameter("square", [4, 4])
    let z = builder.matrixProduct(builder.emit(.unary(.tanh), y), builder.add(square, square))
    return builder.program(outputs: [Output("y", y), Output("z", z)])
  }

  @Test(arguments: [false, true])
  func bothTogetherAreTheWhole(_ gathersLast: Bool) throws {
    let program = program(gathersLast: gathersLast)
    var random = XorShift(seed: 3)
    var parameters: [String: Tensor] = [:]
    for (name, type) in program.parameters {
      parameters[name] = Tensor(
        type.shape, (0..<type.count).map { _ in random.number(in: -1...1) })
    }
    let inputs = ["x": Tensor([2], [4, 1])]
    let whole = try ReferenceEvaluator(program).evaluate(inputs: inputs, parameters: parameters)
    let (first, rest) = program.precomputed()
    let computed = try ReferenceEvaluator(first).evaluate(parameters: parameters)
    let made = try ReferenceEvaluator(rest).evaluate(
      inputs: inputs, parameters: parameters.merging(computed) { $1 })
    #expect(made == whole)
    #expect(computed.values.map(\.shape) == [gathersLast ? [5, 4] : [4]])
    #expect(rest.parameters.contains { $0.name == "weight" } == !gathersLast)
    #expect(rest.parameters.contains { $0.name == "square" })
  }
}
