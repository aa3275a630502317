import Diagnostics
import Execution
import Graphs
import Kernels
import TestSupport
import Testing

/// Loops on every engine.
@Suite struct LoopTests {
  private static let engines = Engine.allCases.filter { $0 != .reference }

  @Test(arguments: 0..<400, engines)
  func agreesToTheLastBit(seed: Int, on engine: Engine) throws {
    let random = RandomProgram(seed: seed, loops: 2)
    guard try random.isExact() else { return }
    let (program, inputs, parameters) = (random.program, random.inputs, random.parameters)
    let expected = try program.meaning(inputs: inputs, parameters: parameters)
    let actual = try outputs(of: program, on: engine, inputs: inputs, parameters: parameters)
    for output in program.outputs {
      let (y, z) = try (#require(actual[output.name]), #require(expected[output.name]))
      #expect(y.disagreement(with: z, allowance: 0) == nil, "\(output.name) of\n\(program)")
    }
  }

  @Test func mostOfThemAreExact() throws {
    let programs = (0..<400).map { RandomProgram(seed: $0, loops: 2) }
    #expect(try programs.count { try $0.isExact() } > 300)
    #expect(programs.count { $0.program.hasLoops } > 350)
  }

  /// A convolution and a pooling in the step of a loop, with gradients of the filter.
  @Test(arguments: Engine.allCases) func convolutionsInALoop(_ engine: Engine) throws {
    var builder = Builder()
    let x = builder.input("x", TensorType(.float32, [2, 5, 6, 4, 3]))
    let (first, w) = (
      builder.parameter("first", [2, 6, 4, 3]), builder.parameter("w", [3, 3, 3, 3])
    )
    let axis = SlidingAxis(kernel: 3, low: 1, high: 1)
    let window = SlidingAxis(kernel: 2, stride: 2)
    let (last, made) = builder.scan(over: [x], from: [first], with: [w]) {
      body, carries, items, constants in
      let sum = body.add(carries[0], items[0])
      let map = body.emit(
        .convolution(Convolution(vertical: axis, horizontal: axis)), sum, constants[0])
      let next = body.emit(.unary(.tanh), map)
      return ([next], [body.maxPool(next, Window(vertical: window, horizontal: window))])
    }
    let loss = builder.add(builder.total(last[0]), builder.total(made[0]))
    let gradients = builder.gradients(of: loss, by: [first, w])
    let program = builder.program(
      outputs: [
        Output("y", made[0]), Output("gradient/first", gradients[0]),
        Output("gradient/w", gradients[1]),
      ])
    var generator = XorShift(seed: 3)
    func tensor(_ shape: Shape) -> Tensor {
      Tensor(shape, (0..<shape.count).map { _ in generator.number(in: -0.5...0.5) })
    }
    let inputs = ["x": tensor([2, 5, 6, 4, 3])]
    let parameters = ["first": tensor([2, 6, 4, 3]), "w": tensor([3, 3, 3, 3])]
    let expected = try program.meaning(inputs: inputs, parameters: parameters)
    let actual = try outputs(of: program, on: engine, inputs: inputs, parameters: parameters)
    for output in program.outputs {
      let (y, z) = try (#require(actual[output.name]), #require(expected[output.name]))
      let allowance = 1e-5 * max(1, z.largestMagnitude)
      #expect(y.disagreement(with: z, allowance: allowance) == nil, "\(output.name)")
    }
  }

  /// A value of one middle step shows in a digest, though nothing before or behind the loop depends
  /// on it.
  @Test(arguments: engines) func digestsFoldAllSteps(_ engine: Engine) throws {
    NumericThread.prepare()
    var builder = Builder()
    let x = builder.input("x", TensorType(.float32, [7, 2, 3]))
    let (last, _) = builder.scan(over: [x], axis: 0, from: [builder.constant(0, [2, 3])]) {
      body, _, items, _ in ([body.emit(.unary(.tanh), items[0])], [])
    }
    let program = builder.program(outputs: [Output("y", last[0])])
    let executable = try engine.prepare(program, parameters: Parameters([:]).vector)
    let gradient = try Memory(byteCount: 64)
    func digests(changing step: Int?) throws -> [ResultDigest] {
      let session = try executable.makeSession(in: Arena(byteCount: executable.arenaByteCount))
      var elements = (0..<42).map { Double($0) / 64 }
      if let step { elements[6 * step + 1] += 1 }
      try unsafe #require(session.input("x")).write(Tensor([7, 2, 3], elements), .float32)
      return unsafe session.digests(
        .somewhere, gradient: gradient.start.assumingMemoryBound(to: Float.self))
    }
    let right = try digests(changing: nil)
    #expect(try digests(changing: nil) == right)
    var found = [right]
    for step in 0..<6 {
      let other = try digests(changing: step)
      #expect(other.map(\.step) == right.map(\.step))
      // The last carry is that of the last step.
      #expect(other.last == right.last && other != right, "step \(step)")
      #expect(!found.contains(other))
      found.append(other)
    }
  }

  /// Calls, planning and scratch memory are those of one step; only sequences grow.
  @Test(arguments: engines, [false, true])
  func plansDoNotDependOnTheNumberOfSteps(_ engine: Engine, hasGradients: Bool) throws {
    NumericThread.prepare()
    let steps = [64, 1024, 10000]
    let plans = try steps.map {
      try engine.prepare(
        LoopTests.lstm(steps: $0, hasGradients: hasGradients),
        parameters: Parameters(LoopTests.weights).vector)
    }
    let descriptions = try plans.map { try #require($0.description) }
    // Blocks are placed by their size, and only some grow with the steps.
    let work = descriptions.map(\.work)
    #expect(work.allSatisfy { abs($0 - work[0]) * 20 < work[0] }, "\(work)")
    #expect(Set(descriptions.map(\.instructions.count)).count == 1)
    // Each step has its input, x W as a product and in the order of time, and for gradients the
    // tape of six numbers a unit, the outputs, and their gradients in both orders.
    let (rows, units, inputs) = (4.0, 8.0, 6.0)
    let floats = inputs + units * (hasGradients ? 8 + 6 + 3 : 8)
    // Memory grows by this in each step, but for what aligns blocks; long gradients need less.
    let line = 4 * rows * floats
    for (steps, plan) in zip(steps, plans) {
      #expect(Double(plan.arenaByteCount) < line * Double(steps) + 4096, "\(steps) steps")
    }
  }

  /// Short rows are copied, long ones are read where they are; 600 columns make two blocks of rows.
  @Test(arguments: [8, 64, 300, 600])
  func aBodyReadsPartsOfRows(units: Int) throws {
    var builder = Builder()
    let x = builder.input("x", TensorType(.float32, [4, 3, 2 * units]))
    let zeros = builder.constant(0, [4, units])
    let (_, made) = builder.scan(over: [x], from: [zeros], with: []) { body, carries, items, _ in
      let first = body.slice(items[0], axis: 1, 0..<units)
      let second = body.slice(items[0], axis: 1, units..<2 * units)
      let sum = body.add(body.multiply(first, second), carries[0])
      return ([sum], [sum])
    }
    let program = builder.program(outputs: [Output("sums", made[0])])
    let numbers = (0..<24 * units).map { Double($0 * 7 % 13 - 6) }
    let inputs = ["x": Tensor([4, 3, 2 * units], numbers)]
    let actual = try outputs(of: program, on: .standard, inputs: inputs)
    #expect(actual == (try program.meaning(inputs: inputs)))
  }

  private static let weights = [
    "w": Tensor([6, 32], repeating: 0.1), "u": Tensor([8, 32], repeating: 0.1),
    "b": Tensor([32], repeating: 0.1),
  ]

  private static func lstm(steps: Int, hasGradients: Bool) -> Program {
    var builder = Builder()
    let x = builder.input("x", TensorType(.float32, [4, steps, 6]))
    let weights = [
      builder.parameter("w", [6, 32]), builder.parameter("u", [8, 32]),
      builder.parameter("b", [32]),
    ]
    let zeros = builder.constant(0, [4, 8])
    let (_, made) = builder.scan(over: [x], from: [zeros, zeros], with: weights) {
      body, carries, items, constants in
      var z = body.matrixProduct(items[0], constants[0])
      z = body.add(z, body.broadcast(constants[2], over: [4, 32]))
      z = body.add(z, body.matrixProduct(carries[0], constants[1]))
      let gates = (0..<4).map { gate in
        body.emit(
          .unary(gate == 2 ? .tanh : .sigmoid), body.slice(z, axis: 1, gate * 8..<gate * 8 + 8))
      }
      let kept = body.multiply(gates[1], carries[1])
      let c = body.add(kept, body.multiply(gates[0], gates[2]))
      let h = body.multiply(gates[3], body.emit(.unary(.tanh), c))
      return ([h, c], [h])
    }
    let loss = builder.total(builder.multiply(made[0], made[0]))
    var outputs = [Output("loss", loss)]
    if hasGradients {
      let gradients = builder.gradients(of: loss, by: weights)
      outputs += zip(["w", "u", "b"], gradients).map { Output("gradient/\($0)", $1) }
    }
    return builder.program(outputs: outputs)
  }
}

extension Program {
  var hasLoops: Bool {
    instructions.contains { if case .scan = $0.operation { true } else { false } }
  }
}
