import Execution
import Graphs
import TestSupport
import Testing

/// The kernel of attention, on sizes that fill its blocks and do not.
@Suite struct AttentionTests {
  private struct Sizes {
    var samples = 2
    var queries: Int
    var keys: Int
    var heads = 2
    var groups = 1
    var size = 20

    var q: Shape { [samples, queries, heads, size] }
    var k: Shape { [samples, keys, groups, size] }
  }

  private static let huge = 0x1.8p127

  /// Attention and its gradients, whose operands are inputs.
  private static func program(
    _ attention: Composite.Attention, _ sizes: Sizes, hasGradients: Bool = true
  ) -> Program {
    var builder = Builder()
    func input(_ name: String, _ shape: Shape) -> Value {
      builder.input(name, TensorType(.float32, shape))
    }
    var operands = [input("q", sizes.q)]
    if attention.continues {
      let one = sizes.k.replacing([1], with: 1)
      operands += [input("own k", one), input("own v", one)]
    }
    operands += [input("k", sizes.k), input("v", sizes.k)]
    let sources = operands
    if attention.hasCounts {
      operands.append(builder.input("counts", TensorType(.int32, [sizes.samples])))
    }
    let results = builder.results(of: .composite(.attention(attention)), operands)
    var outputs = [Output("y", results[0]), Output("logarithms", results[1])]
    if hasGradients {
      let g = input("g", sizes.q)
      outputs += zip(["dq", "dk", "dv"], builder.gradients(of: results[0], seed: g, by: sources))
        .map { Output($0, $1) }
    }
    return builder.program(outputs: outputs)
  }

  private static func inputs(_ sizes: Sizes, seed: Int, counts: [Int]? = nil) -> [String: Tensor] {
    var generator = XorShift(seed: UInt64(1000 + seed))
    func tensor(_ shape: Shape) -> Tensor {
      Tensor(shape, (0..<shape.count).map { _ in Double(Float(generator.number(in: -2...2))) })
    }
    var inputs = ["q": tensor(sizes.q), "k": tensor(sizes.k)]
    inputs["v"] = tensor(sizes.k)
    inputs["g"] = tensor(sizes.q)
    if let counts { inputs["counts"] = Tensor([counts.count], counts.map(Double.init)) }
    return inputs
  }

  private static func run(
    _ attention: Composite.Attention, _ sizes: Sizes, _ inputs: [String: Tensor],
    hasGradients: Bool = true
  ) throws -> [String: Tensor] {
    try outputs(
      of: program(attention, sizes, hasGradients: hasGradients), on: .standard, inputs: inputs)
  }

  @Test(arguments: 0..<80)
  func agreesWithItsMeaning(seed: Int) throws {
    var draw = XorShift(seed: UInt64(seed + 1))
    let isCausal = draw.integer(in: 0...1) == 1
    let groups = draw.integer(in: 1...2)
    let queries = draw.integer(in: 1...(seed % 4 == 0 ? 140 : 50))
    let sizes = Sizes(
      samples: draw.integer(in: 1...3), queries: queries,
      keys: isCausal ? queries : draw.integer(in: 1...140), heads: groups * draw.integer(in: 1...2),
      groups: groups, size: [1, 3, 8, 16, 20, 32, 64][draw.integer(in: 0...6)])
    let counts =
      draw.integer(in: 0...1) == 0
      ? nil : (0..<sizes.samples).map { _ in draw.integer(in: -1...sizes.keys + 1) }
    let attention = Composite.Attention(
      scale: 1 / Double(sizes.size).squareRoot(), isCausal: isCausal, hasCounts: counts != nil,
      dropout: draw.integer(in: 0...2) == 0 ? .init(rate: 0.3, stream: 4) : nil)
    let inputs = Self.inputs(sizes, seed: seed, counts: counts)
    let program = Self.program(attention, sizes)
    let expected = try program.meaning(inputs: inputs)
    let actual = try outputs(of: program, on: .standard, inputs: inputs)
    for output in program.outputs {
      let (y, z) = try (#require(actual[output.name]), #require(expected[output.name]))
      #expect(
        y.difference(from: z, relative: 2e-6, absolute: 1e-5) == nil,
        "\(output.name) of \(attention) on \(sizes), \(counts ?? [])")
    }
  }

  /// What stands behind the keys that a row sees, and how many rows there are, changes no bit of
  /// it; step by step behind keys and values that were kept it has the same bits.
  @Test(arguments: [20, 32], [1, 2])
  func rowsDependOnWhatTheySee(size: Int, groups: Int) throws {
    let steps = 150
    let sizes = Sizes(queries: steps, keys: steps, groups: groups, size: size)
    let attention = Composite.Attention(scale: 0.25, isCausal: true)
    let inputs = Self.inputs(sizes, seed: size)
    let whole = try Self.run(attention, sizes, inputs)
    func rows(_ x: Tensor?, _ range: Range<Int>, of steps: Int) throws -> [Double] {
      let x = try #require(x)
      let each = x.elements.count / (2 * steps)
      return (0..<2).flatMap {
        x.elements[($0 * steps + range.lowerBound) * each..<($0 * steps + range.upperBound) * each]
      }
    }
    func part(_ name: String, _ range: Range<Int>) throws -> Tensor {
      let shape = try #require(inputs[name]).shape
      return Tensor(
        shape.replacing([1], with: range.count),
        try rows(inputs[name], range, of: steps))
    }
    for count in [1, 31, 64, 65, 100] {
      var sizes = sizes
      (sizes.queries, sizes.keys) = (count, count)
      var fewer: [String: Tensor] = [:]
      for name in ["q", "k", "v", "g"] { fewer[name] = try part(name, 0..<count) }
      let found = try Self.run(attention, sizes, fewer)
      for name in ["y", "logarithms", "dq"] {
        #expect(
          try rows(found[name], 0..<count, of: count) == rows(whole[name], 0..<count, of: steps),
          "\(name) of \(count)")
      }
    }
    for place in [0, 1, 15, 63, 64, 99, 149] {
      var sizes = sizes
      sizes.queries = 1
      var step = try [
        "q": part("q", place..<place + 1), "own k": part("k", place..<place + 1),
        "own v": part("v", place..<place + 1),
        "counts": Tensor([2], [Double(place), Double(place)]),
      ]
      for name in ["k", "v"] {
        // Any finite numbers may stand where nothing was kept.
        let kept = try #require(inputs[name])
        step[name] = Tensor(
          kept.shape,
          kept.elements.enumerated().map {
            $0.offset / (groups * size) % steps < place ? $0.element : Self.huge
          })
      }
      let found = try Self.run(
        .init(scale: 0.25, hasCounts: true, continues: true), sizes, step, hasGradients: false)
      for name in ["y", "logarithms"] {
        #expect(
          try rows(found[name], 0..<1, of: 1) == rows(whole[name], place..<place + 1, of: steps),
          "\(name) of step \(place)")
      }
    }
  }

  /// Padding may hold any finite numbers.
  @Test(arguments: [false, true])
  func paddingChangesNoBit(isCausal: Bool) throws {
    let sizes = Sizes(samples: 3, queries: 90, keys: 90)
    let counts = [70, 0, 90]
    let attention = Composite.Attention(scale: 0.3, isCausal: isCausal, hasCounts: true)
    let inputs = Self.inputs(sizes, seed: 3, counts: counts)
    var other = inputs
    for name in ["k", "v"] {
      for place in 0..<sizes.k.count
      where place / sizes.size % 90 >= counts[place / sizes.size / 90] {
        other[name]?.elements[place] = place % 2 == 0 ? Self.huge : -Self.huge
      }
    }
    let (a, b) = try (
      Self.run(attention, sizes, inputs), Self.run(attention, sizes, other)
    )
    #expect(a == b)
    let each = sizes.q.count / 3
    for name in ["y", "dq"] {
      #expect(a[name]?.elements[each..<2 * each].allSatisfy { $0 == 0 } == true, "\(name)")
    }
    #expect(a["logarithms"]?.elements[90 * 2] == Double(Float(-1e30)))
  }

  /// Rows that see a key that is no number are none, others keep their bits.
  @Test func nanReachesTheRowsThatSeeIt() throws {
    let sizes = Sizes(samples: 1, queries: 80, keys: 80, heads: 1)
    let attention = Composite.Attention(scale: 0.3, isCausal: true)
    var inputs = Self.inputs(sizes, seed: 4)
    let before = try Self.run(attention, sizes, inputs, hasGradients: false)
    inputs["k"]?.elements[70 * sizes.size + 3] = .nan
    let after = try Self.run(attention, sizes, inputs, hasGradients: false)
    let (old, new) = try (#require(before["y"]), #require(after["y"]))
    for place in old.elements.indices {
      let sees = place / sizes.size >= 70
      #expect(sees ? new.elements[place].isNaN : new.elements[place] == old.elements[place])
    }
  }

  /// No matrix of weights is in memory: it is linear in the number of steps.
  @Test func memoryIsLinear() throws {
    func bytes(_ steps: Int) throws -> Int {
      let sizes = Sizes(samples: 1, queries: steps, keys: steps, heads: 4, groups: 4, size: 32)
      let program = Self.program(.init(scale: 0.2, isCausal: true), sizes)
      let parameters = try Parameters([:])
      return try Engine.standard.prepare(program, parameters: parameters.vector).arenaByteCount
    }
    let sizes = try [256, 1024, 4096].map(bytes)
    print("arena of attention at 256, 1,024 and 4,096 steps: \(sizes) bytes")
    #expect(sizes[1] <= 4 * sizes[0] && sizes[2] <= 4 * sizes[1], "\(sizes)")
  }
}
