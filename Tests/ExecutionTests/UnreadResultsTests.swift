import Execution
import Graphs
import Kernels
import TestSupport
import Testing

/// Results that nobody reads cost nothing, and leave the others as they are.
@Suite struct UnreadResultsTests {
  /// A case of several results, of which some are read.
  struct Reading: Sendable, CustomStringConvertible {
    let `case`: OperationCase
    let results: [Int]

    var program: Program {
      Program(`case`.program.instructions, outputs: results.map { `case`.program.outputs[$0] })
    }

    var description: String { "results \(results) of \(`case`)" }
  }

  private static let readings = OperationCase.all.flatMap { `case` -> [Reading] in
    let count = `case`.program.outputs.count
    guard count > 1 else { return [] }
    return (1..<(1 << count)).map { subset in
      Reading(case: `case`, results: (0..<count).filter { subset >> $0 & 1 == 1 })
    }
  }

  /// Kernels write what is read, with the bits that they give where all is read.
  @Test(arguments: readings, Engine.allCases)
  func othersStayAsTheyAre(_ reading: Reading, on engine: Engine) throws {
    let inputs = reading.case.float32Inputs
    let all = try outputs(of: reading.case.program, on: engine, inputs: inputs)
    let some = try outputs(of: reading.program, on: engine, inputs: inputs)
    for output in reading.program.outputs {
      let (y, z) = try (#require(some[output.name]), #require(all[output.name]))
      #expect(y.disagreement(with: z, allowance: 0) == nil, "\(output.name)")
    }
  }

  /// The plan has memory for what is read, and a single step.
  @Test(arguments: readings.filter(\.hasKernel), Engine.allCases.filter { $0 != .reference })
  func theyHaveNoMemoryAndNoStep(_ reading: Reading, on engine: Engine) throws {
    NumericThread.prepare()
    let program = reading.program
    let plan = try engine.prepare(program, parameters: Parameters([:]).vector)
    let session = try plan.makeSession(in: Arena(byteCount: plan.arenaByteCount))
    let read = program.inputs.filter { unsafe session.input($0.name) != nil }.map(\.type)
    let made = program.outputs.map { program.type(of: $0.value) }
    #expect(plan.arenaByteCount == (read + made).reduce(0) { $0 + ($1.byteCount + 63) / 64 * 64 })
    #expect(try #require(plan.description).instructions.count == 1)
  }

  /// A norm that ends in a limit writes its statistics with it, unless they are read before.
  @Test(arguments: [false, true], Engine.allCases)
  func statisticsAreThereWhenTheyAreRead(isEarly: Bool, on engine: Engine) throws {
    var builder = Builder()
    let x = builder.input("x", TensorType(.float32, [4, 3]))
    let ones = builder.constant(1, [3])
    let results = builder.results(of: .composite(.batchNorm(epsilon: 3)), [x, ones, ones])
    func squares() -> Value { builder.multiply(results[1], results[2]) }
    let early = isEarly ? squares() : nil
    let y = builder.maximum(results[0], builder.constant(0, [4, 3]))
    let z = early ?? squares()
    let program = builder.program(outputs: [Output("y", y), Output("z", z)])
    let inputs = ["x": Tensor([4, 3], [1, 2, -4, 1, 0, -2, -1, 0, -2, -1, 2, -4])]
    let actual = try outputs(of: program, on: engine, inputs: inputs)
    #expect(actual == (try program.meaning(inputs: inputs)))
    let plan = try engine.prepare(program, parameters: Parameters([:]).vector).description
    let steps = plan?.instructions.map(\.name) ?? []
    #expect(plan == nil || steps.contains { $0.contains("= batchNorm(") } == isEarly, "\(steps)")
  }

  /// A gradient that nobody wants keeps nothing of the forward pass.
  @Test func unreadGradientsKeepNothing() throws {
    NumericThread.prepare()
    func arena(trainsLogits: Bool) throws -> Int {
      var builder = Builder()
      let logits = builder.parameter("logits", [4, 32])
      let labels = builder.input("labels", TensorType(.int32, [4]))
      let losses = builder.emit(.composite(.softmaxCrossEntropy), logits, labels)
      let gradient = builder.gradients(of: builder.total(losses), by: [logits])[0]
      let outputs = [Output("losses", losses)]
      let program = builder.program(
        outputs: trainsLogits ? outputs + [Output("gradient/logits", gradient)] : outputs)
      let parameters = try Parameters(["logits": Tensor([4, 32], repeating: 0)])
      return try Engine.standard.prepare(program, parameters: parameters.vector).arenaByteCount
    }
    #expect(try arena(trainsLogits: false) == 2 * 64)
    #expect(try arena(trainsLogits: true) > 4 * 4 * 32)
  }
}

extension UnreadResultsTests.Reading {
  fileprivate var hasKernel: Bool {
    switch `case`.operation {
    case .composite(.gradient(of: .softmax, from: _)): false
    // Their kernels have memory for blocks.
    case .composite(.attention), .composite(.gradient(of: .attention, from: _)): false
    case .composite(.selectiveScan), .composite(.gradient(of: .selectiveScan, from: _)): false
    case .composite(.gradient(of: _, from: let given)): given == [0]
    case .scan: false
    default: true
    }
  }
}
