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

  /// Inputs that do not change, such as the samples of a decoder, go with the parameters: a loop over
  /// them and what is made of its results is in the first program alone.
  @Test func inputsThatStayAreReadFirst() throws {
    var builder = Builder()
    let x = builder.input("x", TensorType(.float32, [4, 2, 3]))
    let w = builder.parameter("w", [3, 3])
    let (last, all) = builder.scan(
      over: [x], axis: 0, from: [builder.constant(0, [2, 3])], with: [w]
    ) { builder, carries, items, constants in
      let sum = builder.add(items[0], builder.matrixProduct(carries[0], constants[0]))
      let h = builder.emit(.unary(.tanh), sum)
      return ([h], [builder.multiply(h, by: 2)])
    }
    let state = builder.input("state", TensorType(.float32, [2, 3]))
    let memory = builder.emit(.permute([1, 0, 2]), all[0])
    let asked = builder.matrixProduct(
      builder.reshape(builder.add(state, last[0]), [2, 1, 3]), memory, transposeRight: true)
    let program = builder.program(outputs: [Output("y", asked)])
    let (first, rest) = program.precomputed(from: ["x"])
    func hasLoop(_ program: Program) -> Bool {
      program.instructions.contains { if case .scan = $0.operation { true } else { false } }
    }
    #expect(hasLoop(first) && !hasLoop(rest))
    #expect(rest.inputs.map(\.name) == ["state"])
    let moves = rest.instructions.contains {
      if case .permute = $0.operation { true } else { false }
    }
    #expect(!moves)
    var random = XorShift(seed: 5)
    func noise(_ shape: Shape) -> Tensor {
      Tensor(shape, (0..<shape.count).map { _ in random.number(in: -1...1) })
    }
    let (samples, weight, states) = (noise([4, 2, 3]), noise([3, 3]), noise([2, 3]))
    let whole = try ReferenceEvaluator(program).evaluate(
      inputs: ["x": samples, "state": states], parameters: ["w": weight])
    let computed = try ReferenceEvaluator(first).evaluate(
      inputs: ["x": samples], parameters: ["w": weight])
    #expect(
      try ReferenceEvaluator(rest).evaluate(inputs: ["state": states], parameters: computed)
        == whole)
    // Without a fixed input the loop stays where it is.
    #expect(hasLoop(program.precomputed().rest))
  }
}
