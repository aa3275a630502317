import Execution
import Graphs
import TestSupport
import Testing

/// The kernel of a selective scan, on sizes that fill its blocks and do not.
@Suite struct SelectiveScanTests {
  private struct Sizes {
    var samples = 2
    var steps: Int
    var channels = 20
    var states = 6

    var u: Shape { [samples, steps, channels] }
    var a: Shape { [states, channels] }
    var b: Shape { [samples, steps, states] }
    var first: Shape { [samples, states, channels] }
    /// The floats of the saved states.
    var saved: Int {
      let interval = Composite.SelectiveScan.interval
      return ((steps + interval - 1) / interval + 1) * first.count
    }
  }

  private static let names = ["u", "delta", "a", "b", "c", "first"]

  /// A scan and its gradients, whose operands are inputs.
  private static func program(_ sizes: Sizes) -> Program {
    var builder = Builder()
    let shapes = [sizes.u, sizes.u, sizes.a, sizes.b, sizes.b, sizes.first]
    let operands = zip(names, shapes).map { builder.input($0, TensorType(.float32, $1)) }
    let results = builder.results(of: .composite(.selectiveScan), operands)
    var outputs = [Output("y", results[0]), Output("states", results[1])]
    let g = builder.input("g", TensorType(.float32, sizes.u))
    outputs += zip(names, builder.gradients(of: results[0], seed: g, by: operands))
      .map { Output("by \($0)", $1) }
    return builder.program(outputs: outputs)
  }

  private static func inputs(_ sizes: Sizes, seed: Int) -> [String: Tensor] {
    var generator = XorShift(seed: UInt64(3000 + seed))
    func tensor(_ shape: Shape, in range: ClosedRange<Double> = -2...2) -> Tensor {
      Tensor(shape, (0..<shape.count).map { _ in Double(Float(generator.number(in: range))) })
    }
    return [
      "u": tensor(sizes.u), "delta": tensor(sizes.u, in: 0...1), "a": tensor(sizes.a, in: -3...0),
      "b": tensor(sizes.b), "c": tensor(sizes.b), "first": tensor(sizes.first),
      "g": tensor(sizes.u),
    ]
  }

  @Test(arguments: 0..<60)
  func agreesWithItsMeaning(seed: Int) throws {
    var draw = XorShift(seed: UInt64(seed + 1))
    let sizes = Sizes(
      samples: draw.integer(in: 1...3), steps: draw.integer(in: 1...(seed % 4 == 0 ? 70 : 20)),
      channels: [1, 3, 15, 16, 20, 33][draw.integer(in: 0...5)],
      states: [1, 2, 4, 5, 16][draw.integer(in: 0...4)])
    let inputs = Self.inputs(sizes, seed: seed)
    let program = Self.program(sizes)
    let expected = try program.meaning(inputs: inputs)
    let actual = try outputs(of: program, on: .standard, inputs: inputs)
    for output in program.outputs {
      let (y, z) = try (#require(actual[output.name]), #require(expected[output.name]))
      #expect(
        y.difference(from: z, relative: 2e-6, absolute: 1e-5 * z.size) == nil,
        "\(output.name) of \(sizes)")
    }
  }

  /// Later steps change no bit of earlier ones, and a step behind saved states has those of the
  /// whole.
  @Test func rowsDependOnWhatIsBefore() throws {
    let sizes = Sizes(steps: 50)
    let inputs = Self.inputs(sizes, seed: 1)
    /// Some of the rows of each sample.
    func part(_ x: Tensor?, _ range: Range<Int>) throws -> Tensor {
      let x = try #require(x)
      let (each, row) = (
        x.elements.count / sizes.samples, x.elements.count / x.shape[0] / x.shape[1]
      )
      return Tensor(
        x.shape.replacing([1], with: range.count),
        (0..<sizes.samples).flatMap {
          x.elements[$0 * each + range.lowerBound * row..<$0 * each + range.upperBound * row]
        })
    }
    func run(_ range: Range<Int>, from first: Tensor?) throws -> [String: Tensor] {
      var sizes = sizes
      sizes.steps = range.count
      var some = inputs
      some["first"] = first
      for name in ["u", "delta", "b", "c", "g"] { some[name] = try part(inputs[name], range) }
      return try outputs(of: Self.program(sizes), on: .standard, inputs: some)
    }
    let whole = try run(0..<sizes.steps, from: inputs["first"])
    for count in [1, 15, 16, 17, 49] {
      let fewer = try run(0..<count, from: inputs["first"])
      #expect(try fewer["y"] == part(whole["y"], 0..<count), "\(count) steps")
      let slot = try #require(fewer["states"]).shape[1] - 1
      let last = try part(fewer["states"], slot..<slot + 1)
      let step = try run(count..<count + 1, from: Tensor(sizes.first, last.elements))
      #expect(try step["y"] == part(whole["y"], count..<count + 1), "step \(count)")
    }
  }

  /// Beside results there are states for every sixteenth step, and memory that does not depend on
  /// the number of steps.
  @Test func memoryIsThatOfSavedStates() throws {
    let bytes = try [64, 256, 1024].map { steps in
      let sizes = Sizes(samples: 1, steps: steps, channels: 32, states: 64)
      let parameters = try Parameters([:])
      let plan = try Engine.standard.prepare(
        Self.program(sizes), parameters: parameters.vector)
      // The inputs and the results.
      let rows = 6 * sizes.u.count + 4 * sizes.b.count
      return plan.arenaByteCount - 4 * (rows + sizes.saved)
    }
    print("arena of a selective scan beside operands and results: \(bytes) bytes")
    #expect(Set(bytes).count == 1 && bytes[0] < 250_000, "\(bytes)")
  }
}

extension Tensor {
  /// The largest number; sums of terms of opposite signs have errors relative to it.
  fileprivate var size: Double { elements.reduce(1) { max($0, abs($1)) } }
}
