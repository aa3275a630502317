import Graphs
import TestSupport
import Testing

@Suite struct ReferenceEvaluatorTests {
  @Test(arguments: OperationKind.allCases)
  func everyOperationHasCases(kind: OperationKind) {
    #expect(kind.cases.count >= 3)
    #expect(kind.cases.allSatisfy { OperationKind($0.operation) == kind })
  }

  @Test(arguments: OperationCase.all)
  func agreesWithTheDefinition(case: OperationCase) throws {
    let program = `case`.program
    let quarter = Tensor(
      program.type(of: Value(`case`.operands.count)).shape, repeating: 0.25)
    let outputs = try ReferenceEvaluator(program).evaluate(
      inputs: `case`.inputs.merging(["x": quarter]) { $1 }, parameters: ["x": quarter],
      random: { stream, shape in
        [Double](repeating: stream == 3 ? 0.25 : 0, count: shape.count)
      })
    for output in program.outputs {
      let y = try #require(outputs[output.name])
      let expected = definition(
        `case`.operation, `case`.operands.map(\.value), to: program.type(of: output.value),
        result: output.value.result)
      #expect(
        y.difference(from: expected, relative: 1e-13, absolute: 1e-13) == nil, "\(output.name)")
    }
  }

  /// A value that is kept where a parameter has changed would be an old one.
  @Test func onlyWhatDependsOnAParameterIsComputedAgain() throws {
    var builder = Builder()
    let x = builder.input("x", TensorType(.float32, [2]))
    let (a, b) = (builder.parameter("a", [2]), builder.parameter("b", [2]))
    let noise = builder.random(stream: 0, [2])
    let left = builder.multiply(builder.add(x, noise), a)
    let right = builder.multiply(x, b)
    let y = builder.multiply(left, right)
    let evaluator = ReferenceEvaluator(builder.program(outputs: [Output("y", y)]))
    let inputs = ["x": Tensor([2], [1, 2])]
    var parameters = ["a": Tensor([2], [3, 4]), "b": Tensor([2], [5, 6])]
    let random: ReferenceEvaluator.Random = { _, _ in [0.25, 0.5] }
    let known = try evaluator.values(inputs: inputs, parameters: parameters, random: random)
    for name in ["a", "b"] {
      parameters[name] = Tensor([2], [7, -8])
      let fresh = try evaluator.values(inputs: inputs, parameters: parameters, random: random)
      let change = [name: Tensor([2], [7, -8])]
      #expect(try evaluator.values(known, changing: change) == fresh)
      parameters[name] = name == "a" ? Tensor([2], [3, 4]) : Tensor([2], [5, 6])
    }
    #expect(try evaluator.values(known, changing: [:]) == known)
  }

  @Test func missingAndMisshapenLeavesAreNamed() throws {
    var builder = Builder()
    let x = builder.input("images", TensorType(.float32, [2]))
    let w = builder.parameter("dense1/weight", [2])
    let noise = builder.random(stream: 7, [2])
    let y = builder.add(builder.multiply(x, w), noise)
    let evaluator = ReferenceEvaluator(builder.program(outputs: [Output("y", y)]))
    let two = Tensor([2], [1, 2])
    let random: ReferenceEvaluator.Random = { _, _ in [0, 0] }

    func message(
      _ inputs: [String: Tensor], _ parameters: [String: Tensor],
      _ random: ReferenceEvaluator.Random
    ) -> String {
      do {
        _ = try evaluator.evaluate(inputs: inputs, parameters: parameters, random: random)
        return "no error"
      } catch { return error.description }
    }
    #expect(message([:], [:], random) == "input 'images' of shape [2] is missing")
    #expect(
      message(["images": two], [:], random) == "parameter 'dense1/weight' of shape [2] is missing")
    #expect(
      message(["images": Tensor([1, 2], [1, 2])], [:], random)
        == "input 'images' has shape [1, 2], not [2]")
    #expect(
      message(["images": two], ["dense1/weight": two]) { _, _ in [] }
        == "random stream 7 gives 0 numbers for [2]")
    #expect(message(["images": two], ["dense1/weight": two], random) == "no error")
  }

  @Test(arguments: [-1, 3, 0.5, .nan])
  func indicesOutsideAreRefused(index: Double) {
    let table = Operand(.float32, [3, 2], [1, 2, 3, 4, 5, 6])
    let indices = Operand(.int32, [1], [index])
    let updates = Operand(.float32, [1, 2], [1, 2])
    for refused in [
      OperationCase(.gather, [table, indices]),
      OperationCase(.scatterAdd(rows: 3), [indices, updates]),
      OperationCase(.oneHot(classes: 3), [indices]),
    ] {
      #expect(throws: ProgramError.self, "\(refused)") {
        try ReferenceEvaluator(refused.program).evaluate(inputs: refused.inputs)
      }
    }
  }

  /// An argmax beyond the window, or on padding.
  @Test(arguments: [0, 4, 200])
  func argmaxOutsideIsRefused(element: Double) {
    let axis = SlidingAxis(kernel: 2, low: 1)
    let window = Window(vertical: axis, horizontal: axis)
    let argmax = Operand(.uint8, [1, 1, 1, 1], [element])
    for refused in [
      OperationCase(.poolGather(window), [argmax, Operand(.float32, [1, 1, 1, 1], [5])]),
      OperationCase(
        .poolScatter(window, height: 1, width: 1), [argmax, Operand(.float32, [1, 1, 1, 1], [5])]),
    ] {
      #expect(throws: ProgramError.self, "\(refused)") {
        try ReferenceEvaluator(refused.program).evaluate(inputs: refused.inputs)
      }
    }
  }

  @Test func integersAreCutToTheirRange() throws {
    let x: [Double] = [-7.9, -0.5, 254.9, 256, 3e9, -3e9, .infinity, .nan]
    let operand = Operand(.float32, [8], x)
    func converted(_ number: NumberType) throws -> [Double]? {
      let `case` = OperationCase(.convert(number), [operand])
      return try ReferenceEvaluator(`case`.program).evaluate(inputs: `case`.inputs)["y"]?.elements
    }
    #expect(try converted(.uint8) == [0, 0, 254, 255, 255, 0, 255, 0])
    #expect(
      try converted(.int32) == [-7, 0, 254, 256, 2_147_483_647, -2_147_483_648, 2_147_483_647, 0])
  }

  /// Engines make 0 of what is below the normal range, the evaluator rounds it.
  @Test func smallHalvesAreRounded() {
    let unit = 0x1p-133
    let small = [0, 0.5, 0.75, 1, 1.5, 2.5, 127.75].map { $0 * unit }
    #expect(small.map(NumberType.bfloat16.nearest) == [0, 0, 1, 1, 2, 2, 128].map { $0 * unit })
    #expect(NumberType.bfloat16.nearest(-0x1p-135).sign == .minus)
  }

  /// The reciprocal tells the sign.
  @Test(arguments: [NumberType.int32, .uint8])
  func noIntegerIsNegativeZero(number: NumberType) throws {
    var builder = Builder()
    let x = builder.input("x", TensorType(.float32, [2]))
    let y = builder.emit(.convert(.float32), builder.emit(.convert(number), x))
    let z = builder.emit(.convert(.float32), builder.constant(-0.0, TensorType(number, [2])))
    let program = builder.program(outputs: [Output("y", y), Output("z", z)])
    let outputs = try ReferenceEvaluator(program).evaluate(inputs: ["x": Tensor([2], [-0.0, -0.5])])
    for tensor in outputs.values { #expect(tensor.elements.allSatisfy { 1 / $0 == .infinity }) }
  }

  @Test func intermediateValuesAreThoseOfTheExpandedProgram() throws {
    var builder = Builder()
    let x = builder.input("x", TensorType(.float32, [2]))
    let y = builder.emit(.composite(.softmax), x)
    let evaluator = ReferenceEvaluator(builder.program(outputs: [Output("y", y)]))
    let inputs = ["x": Tensor([2], [0, 1])]
    let values = try evaluator.values(inputs: inputs)
    #expect(values.elements.count == evaluator.program.values.count)
    let result = try #require(evaluator.program.output("y"))
    #expect(values[result] == (try evaluator.evaluate(inputs: inputs)["y"]))
  }

  /// A sum that starts at 0 would lose the sign.
  @Test func theSumOfNegativeZerosIsNegative() throws {
    let `case` = OperationCase(
      .reduce(.sum, axes: [0]), [Operand(.float32, [2], [-0.0, -0.0])])
    let y = try ReferenceEvaluator(`case`.program).evaluate(inputs: `case`.inputs)["y"]
    #expect(y?.elements[0].sign == .minus)
  }
}
