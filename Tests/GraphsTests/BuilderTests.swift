import Graphs
import TestSupport
import Testing

@Suite struct BuilderTests {
  private static let float3 = TensorType(.float32, [3])

  @Test func equalInstructionsAreWrittenOnce() {
    var builder = Builder()
    let (x, y) = (builder.input("x", Self.float3), builder.input("x", Self.float3))
    #expect(x == y)
    #expect(builder.add(x, y) == builder.add(x, x))
    #expect(builder.constant(2, [3]) == builder.constant(2, [3]))
    #expect(builder.constant(2, [3]) != builder.constant(2, [2]))
    #expect(builder.random(stream: 1, [3]) == builder.random(stream: 1, [3]))
    #expect(builder.random(stream: 1, [3]) != builder.random(stream: 2, [3]))
  }

  /// 0 == -0, but 1 / 0 != 1 / -0.
  @Test(arguments: [[0.0, -0.0], [-0.0, 0.0]])
  func zerosOfEitherSignAreKept(zeros: [Double]) throws {
    var builder = Builder()
    let values = zeros.map { builder.constant($0) }
    let outputs = values.enumerated().map { Output("\($0)", $1) }
    let results = try ReferenceEvaluator(builder.program(outputs: outputs)).evaluate()
    #expect(results["0"]?.elements[0].sign == zeros[0].sign)
    #expect(results["1"]?.elements[0].sign == zeros[1].sign)
  }

  @Test func onlyWhatOutputsNeedIsKept() throws {
    var builder = Builder()
    let x = builder.input("x", Self.float3)
    _ = builder.emit(.unary(.exp), builder.input("unused", Self.float3))
    let y = builder.emit(.unary(.negate), x)
    _ = builder.multiply(y, y)
    let program = builder.program(outputs: [Output("y", y), Output("x", x)])
    #expect(
      program.description == """
        %0: float32[3] = input 'x'
        %1: float32[3] = negate %0
        y = %1
        x = %0
        """)
  }

  /// What the builder makes of an operation has the value of the operation, to the bit.
  @Test(arguments: OperationCase.all)
  func simplificationsKeepTheValue(case: OperationCase) throws {
    var builder = Builder()
    let operands = `case`.operands.enumerated().map { builder.input("\($0)", $1.type) }
    let leaf = try #require(`case`.program.instructions.last)
    let y = builder.emit(leaf, operands: operands)[0]
    let program = builder.program(outputs: [Output("y", y)])
    try program.check()
    try expectSameBits(program, `case`.program, inputs: `case`.inputs)
  }

  /// Chains of operations that simplify, each beside the same instructions as they stand.
  @Test(arguments: chains)
  func simplifiedChainsKeepTheValue(chain: [Operation]) throws {
    let type = TensorType(.float32, [2, 3])
    var builder = Builder()
    var value = builder.input("x", type)
    var instructions = [Instruction(.input("x"), [], [type])]
    for operation in chain {
      value = builder.emit(operation, value)
      let operand = instructions[instructions.count - 1].type
      instructions.append(
        Instruction(
          operation, [Value(instructions.count - 1)],
          try operation.resultTypes(of: [operand], leaf: operand)))
    }
    let simplified = builder.program(outputs: [Output("y", value)])
    let plain = Program(instructions, outputs: [Output("y", Value(chain.count))])
    try plain.check()
    #expect(simplified.instructions.count < plain.instructions.count)
    let x = Tensor([2, 3], [1, -0.0, 0, .nan, .infinity, -3])
    try expectSameBits(simplified, plain, inputs: ["x": x])
  }

  private static let chains: [[Operation]] = [
    [.unary(.negate), .unary(.negate)],
    [.reshape([6]), .reshape([3, 2])],
    [.reshape([6]), .reshape([2, 3])],
    [.permute([1, 0]), .permute([0, 1])],
    [.reshape([2, 1, 3]), .permute([1, 0, 2]), .reshape([2, 3])],
    [.reshape([2, 1, 3]), .permute([0, 2, 1])],
    [.reshape([1, 6]), .reduce(.sum, axes: [0])],
    [.reshape([1, 6]), .reduce(.maximum, axes: [0]), .reverse(axes: [0])],
    [.convert(.float32)],
    [.broadcast([2, 3])],
    [.concatenate(axis: 1)],
    [
      .pad([Padding(), Padding()]),
      .slice([AxisRange(start: 0, count: 2), AxisRange(start: 0, count: 3)]),
    ],
  ]

  @Test func factorsOfOneAndConstantsAreFolded() throws {
    var builder = Builder()
    let x = builder.input("x", Self.float3)
    let one = builder.constant(1, [3])
    #expect(builder.multiply(x, one) == x)
    #expect(builder.multiply(one, x) == x)
    #expect(builder.divide(x, one) == x)
    #expect(builder.divide(one, x) != x)
    #expect(builder.add(x, builder.constant(0, [3])) != x, "-0 + 0 is 0")
    #expect(
      builder.multiply(builder.constant(2, [3]), builder.constant(3, [3]))
        == builder.constant(6, [3]))
    #expect(builder.broadcast(builder.constant(2, [1]), [3]) == builder.constant(2, [3]))
    #expect(builder.reshape(builder.constant(2, [3]), [1, 3]) == builder.constant(2, [1, 3]))
  }

  @Test func constantsAreFoldedInTheirType() {
    var builder = Builder()
    func constant(_ value: Double, _ number: NumberType) -> Value {
      builder.constant(value, TensorType(number, [3]))
    }
    func multiply(_ a: Double, _ b: Double, _ number: NumberType) -> Value {
      builder.multiply(constant(a, number), constant(b, number))
    }
    #expect(
      builder.add(constant(2_147_483_647, .int32), constant(1, .int32))
        == constant(-2_147_483_648, .int32))
    #expect(multiply(2_147_483_647, 2_147_483_647, .int32) == constant(1, .int32))
    #expect(multiply(0, -1, .int32) == constant(0, .int32))
    #expect(multiply(0x1.02p0, 0x1.02p0, .bfloat16) == constant(0x1.04p0, .bfloat16))
    #expect(constant(0x1.01p0, .bfloat16) == constant(1, .bfloat16))
    #expect(constant(1, .int32) != constant(1, .float32))
    #expect(
      builder.broadcast(builder.constant(7, TensorType(.int32, [1])), [3]) == constant(7, .int32))
    #expect(
      builder.reshape(constant(7, .uint8), [1, 3])
        == builder.constant(7, TensorType(.uint8, [1, 3])))
    let x = builder.input("x", TensorType(.int32, [3]))
    #expect(builder.multiply(x, constant(1, .int32)) == x)
  }

  /// Pooling before the limit gives the same numbers, and the same gradient where one flows.
  @Test func aLimitIsTakenAfterThePooling() throws {
    let axis = SlidingAxis(kernel: 3, stride: 2, low: 1, high: 1)
    let window = Window(vertical: axis, horizontal: axis)
    let shape: Shape = [2, 5, 6, 3]
    func program(poolFirst: Bool) -> Program {
      var builder = Builder()
      let x = builder.input("x", TensorType(.float32, shape))
      let relu = builder.maximum(x, builder.constant(0, shape))
      let y =
        poolFirst
        ? builder.maxPool(relu, window)
        : builder.emit(.maxPool(window), relu)
      let gradient = builder.gradients(of: builder.total(builder.multiply(y, y)), by: [x])[0]
      return builder.program(outputs: [Output("y", y), Output("gradient", gradient)])
    }
    let (moved, plain) = (program(poolFirst: true), program(poolFirst: false))
    #expect(
      moved.instructions.contains { $0.operation == .binary(.maximum) && $0.type.shape[1] == 3 })
    var numbers = XorShift(seed: 9)
    let input = Tensor(shape, (0..<shape.count).map { _ in numbers.number(in: -1...1) })
    let results = try [moved, plain].map {
      try ReferenceEvaluator($0).evaluate(inputs: ["x": input])
    }
    #expect(results[0] == results[1])
  }

  @Test func aSumOfScatteredElementsIsTheirSum() throws {
    let axis = SlidingAxis(kernel: 2, stride: 2)
    let window = Window(vertical: axis, horizontal: axis)
    var builder = Builder()
    let x = builder.input("x", TensorType(.float32, [2, 4, 4, 3]))
    let results = builder.results(of: .maxPool(window), [x])
    let y = results[0]
    let scattered = builder.emit(.poolScatter(window, height: 4, width: 4), results[1], y)
    #expect(builder.sum(scattered, axes: [0, 1, 2]) == builder.sum(y, axes: [0, 1, 2]))
    #expect(builder.sum(scattered, axes: [0, 1]) != builder.sum(y, axes: [0, 1]))
  }

  @Test func shorthandsMeanWhatTheySay() throws {
    var builder = Builder()
    let x = builder.input("x", TensorType(.float32, [2, 3]))
    let outputs = [
      Output("by", builder.multiply(x, by: 2)),
      Output("total", builder.total(x)),
      Output(
        "spread", builder.broadcast(builder.reshape(builder.sum(x, axes: [0]), [3]), over: [2, 3])),
    ]
    let results = try ReferenceEvaluator(builder.program(outputs: outputs)).evaluate(
      inputs: ["x": Tensor([2, 3], [1, 2, 3, 4, 5, 6])])
    #expect(results["by"] == Tensor([2, 3], [2, 4, 6, 8, 10, 12]))
    #expect(results["total"] == Tensor(21))
    #expect(results["spread"] == Tensor([2, 3], [5, 7, 9, 5, 7, 9]))
  }

  private func expectSameBits(
    _ a: Program, _ b: Program, inputs: [String: Tensor]
  ) throws {
    let inputs = inputs.merging(["x": Tensor([], [0])]) { old, _ in old }
    func bits(_ program: Program) throws -> [UInt64]? {
      var inputs = inputs
      var parameters: [String: Tensor] = [:]
      for (name, type) in program.inputs where inputs[name]?.shape != type.shape {
        inputs[name] = Tensor(type.shape, repeating: 1)
      }
      for (name, type) in program.parameters {
        parameters[name] = Tensor(type.shape, repeating: 1)
      }
      return try ReferenceEvaluator(program).evaluate(
        inputs: inputs, parameters: parameters,
        random: { [Double](repeating: 0.5, count: $1.count) })["y"]?.elements.map(\.bitPattern)
    }
    #expect(try bits(a) == bits(b))
  }
}
