import Diagnostics
import Execution
import Graphs
import Kernels
import TestSupport
import Testing

/// Shards that are computed together give what each gives by itself, and the sum of their
/// gradients.
@Suite struct ShardGroupTests {
  private static let engines = Engine.allCases.filter { $0 != .reference }

  /// Values that die, are replaced, shared and moved, in shards that differ.
  @Test(arguments: 0..<150, engines)
  func randomPrograms(seed: Int, on engine: Engine) throws {
    let random = RandomProgram(seed: seed)
    try compare(random.program, random.inputs, random.parameters, on: engine, shards: 2)
    try compare(random.program, random.inputs, random.parameters, on: engine, shards: 4)
  }

  @Test(arguments: [2, 4, 8, 16], engines)
  func aNetwork(shards: Int, on engine: Engine) throws {
    let (program, parameters) = PlanTests.network
    try compare(program, PlanTests.inputs, parameters, on: engine, shards: shards)
  }

  /// Dense layers whose samples fill vectors or do not, a random mask, and gradients of weights
  /// that are sums of three products.
  @Test(arguments: [16, 5], engines)
  func denseLayers(samples: Int, on engine: Engine) throws {
    let (program, inputs, parameters) = ShardGroupTests.dense(samples)
    for shards in [2, 4, 16] {
      try compare(program, inputs, parameters, on: engine, shards: shards, of: samples)
    }
  }

  /// ReLU of a product that begins with a sum of its own.
  @Test(arguments: [1, 5], engines)
  func reluOfASumThatAProductIsAddedTo(samples: Int, on engine: Engine) throws {
    var builder = Builder()
    let x = builder.input("x", TensorType(.float32, [samples, 24]))
    let product = builder.matrixProduct(x, builder.parameter("a", [24, 24]), transposeRight: true)
    let sum = builder.add(builder.add(builder.emit(.unary(.tanh), x), x), product)
    let y = builder.maximum(sum, builder.constant(0, [samples, 24]))
    let (_, inputs, parameters) = ShardGroupTests.dense(samples)
    let program = builder.program(outputs: [Output("y", y)])
    try compare(program, inputs, parameters, on: engine, shards: 4, of: samples)
  }

  /// What depends on weights alone has memory once, and its gradient is the sum over the shards.
  @Test(arguments: engines)
  func weightsAloneAreTransformedOnce(on engine: Engine) throws {
    let samples = 16
    let (_, inputs, parameters) = ShardGroupTests.dense(samples)
    func program(hasGradients: Bool) -> Program {
      var builder = Builder()
      let x = builder.input("x", TensorType(.float32, [samples, 24]))
      let (a, c) = (builder.parameter("a", [24, 24]), builder.parameter("c", [9, 24]))
      let weight = builder.matrixProduct(c, builder.emit(.unary(.tanh), a))
      let y = builder.matrixProduct(x, weight, transposeRight: true)
      guard hasGradients else { return builder.program(outputs: [Output("y", y)]) }
      let penalty = builder.total(builder.multiply(weight, weight))
      let loss = builder.add(builder.total(builder.multiply(y, y)), penalty)
      let gradients = builder.gradients(of: loss, by: [a, c])
      return builder.program(
        outputs: [
          Output("y", y), Output("weight", weight), Output("gradient/a", gradients[0]),
          Output("gradient/c", gradients[1]),
        ])
    }
    for shards in [2, 4, 16] {
      try compare(
        program(hasGradients: true), inputs, parameters, on: engine, shards: shards, of: samples)
    }
    let plan = try engine.prepare(
      program(hasGradients: false), parameters: Parameters(parameters).vector)
    let ofShard = 4 * samples * (24 + 9)
    #expect(plan.arenaByteCount(shards: 4) - plan.arenaByteCount(shards: 1) <= 3 * ofShard)
  }

  /// A product that begins with rows of a table, others in each shard.
  @Test(arguments: [3, 5], engines)
  func rowsOfATableThatAProductIsAddedTo(samples: Int, on engine: Engine) throws {
    var builder = Builder()
    let x = builder.input("x", TensorType(.float32, [samples, 24]))
    let numbers = builder.input("numbers", TensorType(.int32, [samples]))
    let product = builder.matrixProduct(x, builder.parameter("a", [24, 24]), transposeRight: true)
    let y = builder.add(builder.emit(.gather, builder.parameter("c", [9, 24]), numbers), product)
    var (_, inputs, parameters) = ShardGroupTests.dense(samples)
    inputs["numbers"] = Tensor([samples], (0..<samples).map { Double(2 * $0) })
    let program = builder.program(outputs: [Output("y", y)])
    try compare(program, inputs, parameters, on: engine, shards: 4, of: samples)
  }

  /// Each shard draws the numbers of its own samples, forward and backward.
  @Test(arguments: engines)
  func attentionThatDropsWeights(on engine: Engine) throws {
    let samples = 2
    var builder = Builder()
    let x = builder.input("x", TensorType(.float32, [samples, 70, 1, 24]))
    let weight = builder.broadcast(builder.parameter("a", [70, 1, 24]), over: [samples, 70, 1, 24])
    let attention = Composite.Attention(
      scale: 0.2, isCausal: true, dropout: .init(rate: 0.5, stream: 2))
    let y = builder.results(
      of: .composite(.attention(attention)), [builder.multiply(x, weight), x, x])[0]
    let loss = builder.total(builder.multiply(y, y))
    let gradient = builder.gradients(of: loss, by: [builder.parameter("a", [70, 1, 24])])[0]
    let program = builder.program(outputs: [Output("y", y), Output("gradient/a", gradient)])
    var generator = XorShift(seed: 81)
    func tensor(_ shape: Shape) -> Tensor {
      Tensor(shape, (0..<shape.count).map { _ in generator.number(in: -1...1) })
    }
    let (inputs, parameters) = (["x": tensor([samples, 70, 1, 24])], ["a": tensor([70, 1, 24])])
    for shards in [2, 4] {
      try compare(program, inputs, parameters, on: engine, shards: shards, of: samples)
    }
  }

  #if ONEDNN
    @Test func productsOfAGradientAreOneStep() throws {
      let (program, _, values) = ShardGroupTests.dense(16)
      let parameters = try Parameters(values)
      let listing = try Engine.standard.prepare(program, parameters: parameters.vector).listing
      #expect(listing.split(separator: "\n").count { $0.contains("with ") } == 1, "\(listing)")
      #expect(!listing.contains("gradient at"), "\(listing)")
    }
  #endif

  /// The gradient of the first weight is that of its use in three places.
  private static func dense(
    _ samples: Int
  ) -> (program: Program, inputs: [String: Tensor], parameters: [String: Tensor]) {
    var builder = Builder()
    var generator = XorShift(seed: 80)
    func tensor(_ shape: Shape) -> Tensor {
      Tensor(shape, (0..<shape.count).map { _ in generator.number(in: -1...1) })
    }
    let inputs = ["x": tensor([samples, 24])]
    let parameters = ["a": tensor([24, 24]), "b": tensor([24]), "c": tensor([9, 24])]
    let (a, c) = (builder.parameter("a", [24, 24]), builder.parameter("c", [9, 24]))
    let b = builder.parameter("b", [24])
    var x = builder.input("x", TensorType(.float32, [samples, 24]))
    for _ in 0..<3 {
      x = builder.matrixProduct(x, a, transposeRight: true)
      x = builder.add(x, builder.broadcast(b, over: [samples, 24]))
      x = builder.maximum(x, builder.constant(0, [samples, 24]))
    }
    let mask = builder.random(stream: 1, [samples, 24])
    x = builder.multiply(x, mask)
    let y = builder.matrixProduct(x, c, transposeRight: true)
    let gradients = builder.gradients(of: builder.total(builder.multiply(y, y)), by: [a, c])
    let program = builder.program(
      outputs: [
        Output("y", y), Output("gradient/a", gradients[0]), Output("gradient/c", gradients[1]),
      ])
    return (program, inputs, parameters)
  }

  private func compare(
    _ program: Program, _ inputs: [String: Tensor], _ values: [String: Tensor], on engine: Engine,
    shards: Int, of samples: Int = 3
  ) throws {
    NumericThread.prepare()
    let parameters = try Parameters(values)
    let executable = try engine.prepare(program, parameters: parameters.vector)
    let count = parameters.vector.count
    let gradient = try Memory(byteCount: 4 * count)
    let floats = unsafe gradient.start.assumingMemoryBound(to: Float.self)
    func write(_ shard: Int, to bindings: any Bindings) throws {
      for (name, type) in program.inputs {
        guard let value = inputs[name], let place = unsafe bindings.input(name) else { continue }
        let turn = shard % max(1, value.elements.count)
        let elements = Array(value.elements[turn...] + value.elements[..<turn])
        unsafe place.write(Tensor(value.shape, elements), type.number)
      }
    }
    func results(_ bindings: any Bindings) -> [[UInt8]] {
      program.outputs.filter { !$0.name.hasPrefix("gradient/") }.map { output in
        unsafe Array(
          UnsafeRawBufferPointer(
            start: bindings.output(output.name), count: program.type(of: output.value).byteCount))
      }
    }
    func position(_ shard: Int) -> RandomPosition {
      RandomPosition(seed: 7, step: 3, firstSample: 5 + shard * samples)
    }

    var expected: [[[UInt8]]] = []
    var gradients: [[Float]] = []
    let single = try executable.makeSession(in: Arena(byteCount: executable.arenaByteCount))
    executable.packWeights()
    for shard in 0..<shards {
      for i in 0..<count { unsafe floats[i] = 0 }
      try write(shard, to: single.shards[0])
      unsafe single.run(position(shard), gradient: floats)
      expected.append(results(single.shards[0]))
      gradients.append((0..<count).map { unsafe floats[$0] })
    }
    while gradients.count > 1 {
      gradients = stride(from: 0, to: gradients.count, by: 2).map {
        zip(gradients[$0], gradients[$0 + 1]).map(+)
      }
    }
    // A parameter without a gradient keeps what stands in its place.
    let names = Set(program.outputs.map(\.name))
    var isMade = [Bool](repeating: false, count: count)
    for (name, value) in values where names.contains("gradient/\(name)") {
      let first = try #require(parameters.layout[name]).offset
      for i in first..<first + value.shape.count { isMade[i] = true }
    }

    let bytes = executable.arenaByteCount(shards: shards)
    let arena = try Arena(byteCount: bytes + Memory.guardBytes)
    let session = try executable.makeSession(in: arena, shards: shards, of: samples)
    for isAdding in [false, true, false] {
      unsafe arena.start.fill(0xFF, arena.byteCount)
      for (shard, bindings) in session.shards.enumerated() { try write(shard, to: bindings) }
      for i in 0..<count { unsafe floats[i] = Float(i) / 7 }
      unsafe session.run(position(0), gradient: floats, adding: isAdding)
      #expect(session.shards.map(results) == expected, "\(program)")
      for i in 0..<count where isMade[i] {
        let sum = isAdding ? Float(i) / 7 + gradients[0][i] : gradients[0][i]
        let isEqual = unsafe floats[i].bitPattern == sum.bitPattern || floats[i] == 0 && sum == 0
        #expect(isEqual, "element \(i) of the gradients of\n\(program)")
      }
      let isWhole = unsafe (arena.start + bytes).holds(0xFF, Memory.guardBytes)
      #expect(isWhole && gradient.isGuarded && parameters.memory.isGuarded)
    }
  }
}
