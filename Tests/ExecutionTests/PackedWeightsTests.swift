import Execution
import Graphs
import Kernels
import TestSupport
import Testing

/// One packed copy for all plans of the same weights, packed when these have changed.
@Suite struct PackedWeightsTests {
  private static let engines = Engine.allCases.filter { $0 != .reference }

  /// Two dense layers and two convolutions: weights that are read as they stand, transposed, as
  /// filters of tiles and as filters of primitives.
  private struct Network {
    let extents: [String: Shape]
    private let channels: Int

    init(_ generator: inout XorShift) {
      func extent(_ range: ClosedRange<Int>) -> Int { generator.integer(in: range) }
      channels = extent(60...100)
      let (input, hidden) = (extent(300...500), extent(300...500))
      extents = [
        "a": [hidden, input], "b": [hidden, extent(60...100)],
        "c": [extent(490...520), channels, 3, 3],
        "d": [extent(16...40), 3, 3, 3],
      ]
    }

    func values(_ generator: inout XorShift) -> [String: Tensor] {
      var values: [String: Tensor] = [:]
      for (name, shape) in extents.sorted(by: { $0.key < $1.key }) {
        values[name] = Tensor(
          shape, (0..<shape.count).map { _ in generator.number(in: -1...1) })
      }
      return values
    }

    func program(samples: Int, isDense: Bool = false, isTraining: Bool) -> Program {
      var builder = Builder()
      let weights = extents.keys.sorted().filter { !isDense || $0 < "c" }
      var values = Dictionary(
        uniqueKeysWithValues: weights.map { ($0, builder.parameter($0, extents[$0] ?? [])) })
      func weight(_ name: String) -> Value { values[name, default: Value(0)] }
      let x = builder.input("x", TensorType(.float32, [samples, extents["a"]?[1] ?? 0]))
      let y = builder.matrixProduct(
        builder.matrixProduct(x, weight("a"), transposeRight: true), weight("b"))
      var total = builder.total(builder.multiply(y, y))
      if !isDense {
        let three = SlidingAxis(kernel: 3, low: 1, high: 1)
        for (name, channels) in [("c", channels), ("d", 3)] {
          let map = builder.input("map \(name)", TensorType(.float32, [samples, 5, 6, channels]))
          let result = builder.emit(
            .convolution(Convolution(vertical: three, horizontal: three)),
            builder.emit(.unary(.tanh), builder.multiply(map, by: 1.0 / 8)), weight(name))
          let again = builder.emit(
            .convolution(Convolution(vertical: three, horizontal: three)),
            builder.multiply(map, map), weight(name))
          total = builder.add(total, builder.total(builder.multiply(result, again)))
        }
      }
      var outputs = [Output("y", y), Output("total", total)]
      if isTraining {
        let sources = weights + (isDense ? [] : ["x"])
        values["x"] = x
        let gradients = builder.gradients(of: total, by: sources.map { weight($0) })
        outputs += zip(sources, gradients).map { name, gradient in
          Output(name == "x" ? "slope" : "gradient/\(name)", gradient)
        }
      }
      return builder.program(outputs: outputs)
    }
  }

  /// A program in a session.
  private struct Runner {
    let program: Program
    let executable: any Executable
    private let session: any Session
    private let gradient: Memory

    init(_ program: Program, _ parameters: Parameters, on engine: Engine) throws {
      self.program = program
      executable = try engine.prepare(program, parameters: parameters.vector)
      session = try executable.makeSession(in: Arena(byteCount: executable.arenaByteCount))
      gradient = try Memory(byteCount: 4 * parameters.vector.count)
    }

    /// All outputs and gradients for made-up inputs.
    func results() throws -> [[UInt8]] {
      var generator = XorShift(seed: 5)
      for (name, type) in program.inputs {
        let numbers = (0..<type.count).map { _ in generator.number(in: -1...1) }
        try unsafe #require(session.input(name)).write(Tensor(type.shape, numbers), type.number)
      }
      unsafe gradient.start.fill(0, gradient.byteCount)
      unsafe session.run(.somewhere, gradient: gradient.start.assumingMemoryBound(to: Float.self))
      return program.outputs.filter { !$0.name.hasPrefix("gradient/") }.map { output in
        unsafe Array(
          UnsafeRawBufferPointer(
            start: session.output(output.name), count: program.type(of: output.value).byteCount))
      } + [gradient.bytes]
    }
  }

  @Test(arguments: engines)
  func plansShareWeights(_ engine: Engine) throws {
    var generator = XorShift(seed: 31)
    let network = Network(&generator)
    let parameters = try Parameters(network.values(&generator))
    let packed = parameters.vector.packed
    let whole = network.program(samples: 3, isTraining: true)
    var plans = [try engine.prepare(whole, parameters: parameters.vector)]
    let bytes = packed.byteCount
    #expect(bytes > 0 && bytes == plans[0].description?.packedByteCount)
    plans.append(try engine.prepare(whole, parameters: parameters.vector))
    for (samples, isTraining) in [(3, false), (2, true), (64, false)] {
      let program = network.program(samples: samples, isDense: true, isTraining: isTraining)
      plans.append(try engine.prepare(program, parameters: parameters.vector))
    }
    #expect(packed.byteCount == bytes, "each form once, whatever the number of samples")
    let others = try Parameters(network.values(&generator))
    _ = try engine.prepare(whole, parameters: others.vector)
    #expect(packed.byteCount == bytes && others.vector.packed.byteCount == bytes)
  }

  /// All plans follow a change, whoever packs and whatever ran in between, as plans that are made
  /// afterwards.
  @Test(arguments: engines, Array(zip(0..<8, [1, 2, 3, 5, 1, 2, 4, 7])))
  func changedWeightsAreFollowedByAll(engine: Engine, _ draw: (seed: Int, workers: Int)) throws {
    NumericThread.prepare()
    var generator = XorShift(seed: UInt64(100 + draw.seed))
    let network = Network(&generator)
    let parameters = try Parameters(network.values(&generator))
    let pool = try WorkerPool(count: draw.workers)
    defer { pool.stop() }
    let programs = [
      network.program(samples: 4, isTraining: true), network.program(samples: 1, isTraining: true),
      network.program(samples: 9, isTraining: false),
      network.program(samples: 2, isDense: true, isTraining: true),
    ]
    let runners = try programs.map { try Runner($0, parameters, on: engine) }
    for round in 0..<4 {
      let values = network.values(&generator)
      // Once all have changed, and then some.
      let changed = values.keys.sorted().filter { _ in
        round == 0 || generator.integer(in: 0...1) == 0
      }
      for name in changed {
        let (value, offset) = try (#require(values[name]), #require(parameters.layout[name]).offset)
        unsafe (parameters.memory.start + 4 * offset).write(value, .float32)
        parameters.vector.weightsChanged(offset..<offset + value.shape.count)
      }
      let fresh = try Parameters(
        network.extents.mapValues { Tensor($0, [Double](repeating: 0, count: $0.count)) })
      unsafe fresh.memory.start.copyMemory(
        from: parameters.memory.start, byteCount: fresh.memory.byteCount)
      for number in runners.indices.sorted(by: { _, _ in generator.integer(in: 0...1) == 0 }) {
        runners[number].executable.packWeights(on: pool)
        let other = try Runner(programs[number], fresh, on: engine)
        other.executable.packWeights()
        #expect(
          try runners[number].results() == other.results(),
          "plan \(number) after \(changed) changed")
      }
    }
    #expect(parameters.memory.isGuarded)
  }

  /// What each worker packs, by parameter.
  private func packed(_ executable: any Executable, on pool: WorkerPool) -> [[String]] {
    let timelines = (0..<pool.count).map { _ in Timeline() }
    executable.packWeights(on: pool, timelines: timelines)
    return timelines.map { $0.entries.map { String($0.activity.name.dropFirst(8).prefix(1)) } }
  }

  @Test(arguments: [1, 2, 3, 4])
  func onlyWhatHasChangedIsPacked(workers: Int) throws {
    var generator = XorShift(seed: 33)
    let network = Network(&generator)
    let parameters = try Parameters(network.values(&generator))
    let pool = try WorkerPool(count: workers)
    defer { pool.stop() }
    let vector = parameters.vector
    let training = try Runner(
      network.program(samples: 4, isTraining: true), parameters, on: .openblas)
    #expect(Set(packed(training.executable, on: pool).joined()) == ["c", "d"])
    #expect(packed(training.executable, on: pool).joined().isEmpty, "nothing has changed")
    let range = try #require(parameters.layout["c"]).range
    vector.weightsChanged(range)
    let shares = packed(training.executable, on: pool)
    // One weight is shared by all workers.
    #expect(shares == [[String]](repeating: ["c"], count: workers))
    vector.weightsChanged(0..<range.lowerBound)
    #expect(packed(training.executable, on: pool).joined().isEmpty, "of a and b nothing is packed")
    vector.weightsChanged(range.upperBound - 1..<range.upperBound + 1)
    #expect(Set(packed(training.executable, on: pool).joined()) == ["c", "d"])
    vector.weightsChanged()
    #expect(Set(packed(training.executable, on: pool).joined()) == ["c", "d"])
  }

  /// What only one plan reads is not packed for another, and what both read is packed once.
  @Test func onlyWhatAPlanReadsIsPacked() throws {
    var generator = XorShift(seed: 34)
    let network = Network(&generator)
    let parameters = try Parameters(network.values(&generator))
    let pool = try WorkerPool(count: 2)
    defer { pool.stop() }
    let training = try Runner(
      network.program(samples: 4, isTraining: true), parameters, on: .openblas)
    let dense = try Runner(
      network.program(samples: 4, isDense: true, isTraining: false), parameters, on: .openblas)
    #expect(packed(dense.executable, on: pool).joined().isEmpty)
    #expect(!packed(training.executable, on: pool).joined().isEmpty)
    let again = try Runner(
      network.program(samples: 2, isTraining: true), parameters, on: .openblas)
    #expect(packed(again.executable, on: pool).joined().isEmpty)
  }
}
