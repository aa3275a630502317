import Diagnostics
import Execution
import Graphs
import Kernels
import TestSupport
import Testing

@Suite struct PlanTests {
  /// A small network: two convolutions of which one has groups, pooling, a dense layer, softmax
  /// and cross entropy, with the gradients of all parameters.
  static let network: (program: Program, parameters: [String: Tensor]) = {
    var builder = Builder()
    var generator = XorShift(seed: 77)
    var parameters: [String: Tensor] = [:]
    func parameter(_ name: String, _ shape: Shape) -> Value {
      let elements = (0..<shape.count).map { _ in generator.number(in: -0.5...0.5) }
      parameters[name] = Tensor(shape, elements)
      return builder.parameter(name, shape)
    }
    let three = SlidingAxis(kernel: 3, low: 1, high: 1)
    let two = SlidingAxis(kernel: 2, stride: 2)
    let bytes = builder.input("samples", TensorType(.uint8, [3, 8, 8, 2]))
    var x = builder.multiply(builder.emit(.convert(.float32), bytes), by: 1 / 256)
    for (layer, groups) in [1, 2].enumerated() {
      let channels = builder.shape(of: x)[3]
      let filter = parameter("conv\(layer)/weight", [16, channels / groups, 3, 3])
      x = builder.emit(
        .convolution(Convolution(vertical: three, horizontal: three, groups: groups)), x, filter)
      let bias = parameter("conv\(layer)/bias", [16])
      x = builder.add(x, builder.broadcast(bias, over: builder.shape(of: x)))
      x = builder.maximum(x, builder.constant(0, builder.shape(of: x)))
      x = builder.maxPool(x, Window(vertical: two, horizontal: two))
    }
    x = builder.reshape(x, [3, 64])
    x = builder.matrixProduct(x, parameter("dense/weight", [5, 64]), transposeRight: true)
    x = builder.add(x, builder.broadcast(parameter("dense/bias", [5]), over: [3, 5]))
    let labels = builder.input("labels", TensorType(.int32, [3]))
    let losses = builder.emit(.composite(.softmaxCrossEntropy), x, labels)
    let predictions = builder.emit(.composite(.softmax), x)
    let names = parameters.keys.sorted()
    let sources = names.map { builder.parameter($0, parameters[$0]?.shape ?? []) }
    let gradients = builder.gradients(of: builder.total(losses), by: sources)
    let program = builder.program(
      outputs: [Output("losses", losses), Output("predictions", predictions)]
        + zip(names, gradients).map { Output("gradient/\($0)", $1) })
    return (program, parameters)
  }()

  static let inputs: [String: Tensor] = {
    var generator = XorShift(seed: 5)
    let shape: Shape = [3, 8, 8, 2]
    return [
      "samples": Tensor(
        shape, (0..<shape.count).map { _ in Double(generator.integer(in: 0...255)) }),
      "labels": Tensor([3], [0, 4, 2]),
    ]
  }()

  @Test(arguments: Engine.allCases)
  func aNetworkAgreesWithItsMeaning(engine: Engine) throws {
    let (program, parameters) = PlanTests.network
    let inputs = PlanTests.inputs
    let expected = try program.meaning(inputs: inputs, parameters: parameters)
    let actual = try outputs(of: program, on: engine, inputs: inputs, parameters: parameters)
    for output in program.outputs {
      let (y, z) = try (#require(actual[output.name]), #require(expected[output.name]))
      // A few dozen roundings in a row.
      let allowance = 1e-5 * z.largestMagnitude
      #expect(y.disagreement(with: z, allowance: allowance) == nil, "\(output.name)")
    }
  }

  @Test func changedWeightsAreFollowed() throws {
    let (program, values) = PlanTests.network
    let changed = values.mapValues { Tensor($0.shape, $0.elements.map { $0 * -0.5 }) }
    let fresh = try outputs(
      of: program, on: .standard, inputs: PlanTests.inputs, parameters: changed)

    let parameters = try Parameters(values)
    let plan = try Engine.standard.prepare(program, parameters: parameters.vector)
    #expect(plan.listing.contains("reorder "), "no filter is reordered: the test tests nothing")
    let session = try plan.makeSession(in: Arena(byteCount: plan.arenaByteCount))
    let gradient = try Memory(byteCount: 4 * parameters.vector.count)
    for (name, type) in program.inputs {
      try unsafe #require(session.input(name)).write(
        #require(PlanTests.inputs[name]), type.number)
    }
    func run() -> Tensor {
      plan.packWeights()
      unsafe session.run(.somewhere, gradient: gradient.start.assumingMemoryBound(to: Float.self))
      return unsafe Tensor(TensorType(.float32, [3, 5]), at: session.output("predictions"))
    }
    #expect(run() != fresh["predictions"])
    for i in 0..<parameters.vector.count { unsafe parameters.vector.start[i] *= -0.5 }
    parameters.vector.weightsChanged()
    #expect(run() == fresh["predictions"])
    #expect(gradient.isGuarded && parameters.memory.isGuarded)
  }

  /// One gradient that belongs to two parameters, and one that another instruction reads by another
  /// shape.
  private static let sharing: (program: Program, parameters: [String: Tensor]) = {
    var builder = Builder()
    var generator = XorShift(seed: 78)
    let shape: Shape = [5, 7]
    let names = ["a", "b", "c"]
    let values = names.map { _ in
      Tensor(shape, (0..<shape.count).map { _ in generator.number(in: -1...1) })
    }
    let x = builder.input("x", TensorType(.float32, [3, 7]))
    let weights = names.map { builder.parameter($0, shape) }
    let sum = builder.add(weights[0], weights[1])
    let (y, z) = (
      builder.matrixProduct(x, sum, transposeRight: true),
      builder.matrixProduct(x, weights[2], transposeRight: true)
    )
    let squares = builder.add(builder.multiply(y, y), builder.multiply(z, z))
    let gradients = builder.gradients(of: builder.total(squares), by: weights)
    let row = builder.reshape(gradients[2], [shape.count])
    let norm = builder.total(builder.multiply(row, row))
    let program = builder.program(
      outputs: [Output("norm", norm)]
        + zip(names, gradients).map { Output("gradient/\($0)", $1) })
    return (program, Dictionary(uniqueKeysWithValues: zip(names, values)))
  }()

  @Test(arguments: Engine.allCases, [false, true])
  func gradientsAreAddedAsByAPass(engine: Engine, isSharing: Bool) throws {
    NumericThread.prepare()
    let (program, values) = isSharing ? PlanTests.sharing : PlanTests.network
    let parameters = try Parameters(values)
    let executable = try engine.prepare(program, parameters: parameters.vector)
    let session = try executable.makeSession(in: Arena(byteCount: executable.arenaByteCount))
    executable.packWeights()
    var generator = XorShift(seed: 79)
    for (name, type) in program.inputs {
      let numbers = (0..<type.count).map { _ in generator.number(in: -1...1) }
      try unsafe #require(session.input(name)).write(
        PlanTests.inputs[name] ?? Tensor(type.shape, numbers), type.number)
    }
    let count = parameters.vector.count
    let before = (0..<count).map { _ in Float(generator.number(in: -1...1)) }
    func run(adding: Bool) throws -> (gradient: [Float], output: Tensor) {
      let gradient = try Memory(byteCount: 4 * count)
      let start = unsafe gradient.start.assumingMemoryBound(to: Float.self)
      for i in 0..<count { unsafe start[i] = before[i] }
      unsafe session.run(.somewhere, gradient: start, adding: adding)
      #expect(gradient.isGuarded)
      let output = program.outputs[0]
      return unsafe (
        (0..<count).map { unsafe start[$0] },
        Tensor(program.type(of: output.value), at: session.output(output.name))
      )
    }
    let made = try run(adding: false)
    let added = try run(adding: true)
    #expect(
      added.gradient.map(\.bitPattern)
        == zip(before, made.gradient).map { ($0 + $1).bitPattern })
    #expect(added.output == made.output, "an instruction read a gradient that was added to")
  }

  @Test func theListingIsTheSameEachTime() throws {
    let (program, values) = PlanTests.network
    let parameters = try Parameters(values)
    let listings = try (0..<2).map { _ in
      try Engine.standard.prepare(program, parameters: parameters.vector).listing
    }
    #expect(listings[0] == listings[1])
    #expect(listings[0].contains("maxPool"))
  }

  @Test func arenasAreShared() throws {
    // Ten values one after the other need the space of two.
    var builder = Builder()
    var x = builder.input("x", TensorType(.float32, [64, 64]))
    for _ in 0..<10 { x = builder.matrixProduct(x, x) }
    let program = builder.program(outputs: [Output("y", x)])
    let plan = try Engine.standard.prepare(program, parameters: Parameters([:]).vector)
    // The input stays for its writer.
    #expect(plan.arenaByteCount == 3 * 4 * 64 * 64)
  }

  @Test func aChainOfElementwiseOperationsNeedsAFewBlocks() throws {
    var builder = Builder()
    let x = builder.input("x", TensorType(.float32, [256, 256]))
    var y = builder.emit(.unary(.exp), x)
    for _ in 0..<10 { y = builder.add(builder.emit(.unary(.tanh), y), x) }
    let program = builder.program(outputs: [Output("y", y)])
    let plan = try Engine.standard.prepare(program, parameters: Parameters([:]).vector)
    // Input and output are whole; of what lies between, two blocks of 1024 at a time.
    #expect(plan.arenaByteCount == 4 * (2 * 256 * 256 + 2 * 1024))
  }

  @Test(arguments: [(1, 1500), (3, 1025), (2, 3000), (5, 7), (300, 10), (40, 512), (2000, 1)])
  func operandsRepeatInBlocks(rows: Int, columns: Int) throws {
    var builder = Builder()
    let x = builder.input("x", TensorType(.float32, [rows, columns]))
    let row = builder.input("row", TensorType(.float32, [1, columns]))
    let column = builder.input("column", TensorType(.float32, [rows, 1]))
    let scaled = builder.emit(
      .binary(.multiply), x, builder.broadcast(row, [rows, columns]))
    let sum = builder.add(scaled, builder.broadcast(column, [rows, columns]))
    let mask = builder.emit(.compare(.less), sum, x)
    let program = builder.program(outputs: [Output("sum", sum), Output("mask", mask)])
    let inputs = [
      "x": Tensor([rows, columns], (0..<rows * columns).map { Double($0 * 7 % 13) }),
      "row": Tensor([1, columns], (0..<columns).map { Double($0 * 5 % 11 - 5) }),
      "column": Tensor([rows, 1], (0..<rows).map { Double($0 * 3 % 17 - 8) }),
    ]
    let actual = try outputs(of: program, on: .standard, inputs: inputs)
    #expect(actual == (try program.meaning(inputs: inputs)))
  }

  @Test func aMaskDoesNotReplaceARowOfItsSize() throws {
    // 1500 floats that are compared with four rows take as many bytes as the mask.
    var builder = Builder()
    let x = builder.input("x", TensorType(.float32, [4, 1500]))
    let row = builder.emit(.reduce(.maximum, axes: [0]), x)
    let mask = builder.emit(.compare(.less), x, builder.broadcast(row, [4, 1500]))
    let program = builder.program(outputs: [Output("y", mask)])
    let inputs = ["x": Tensor([4, 1500], (0..<6000).map { Double($0 * 7 % 13) })]
    let actual = try outputs(of: program, on: .standard, inputs: inputs)
    #expect(actual == (try program.meaning(inputs: inputs)))
  }

  @Test func aParameterOutsideTheVectorIsAFailure() throws {
    var builder = Builder()
    let w = builder.parameter("w", [2])
    let program = builder.program(outputs: [Output("y", w)])
    for engine in Engine.allCases {
      #expect(throws: Failure.self) {
        try engine.prepare(program, parameters: Parameters([:]).vector)
      }
    }
  }

  @Test func tooMuchMemoryIsAFailure() {
    #expect(throws: Failure.self) { try Arena(byteCount: 1 << 60) }
  }
}
