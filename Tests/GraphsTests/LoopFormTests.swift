import Graphs
import TestSupport
import Testing

/// Loops written step by step, with probes and cut off compute what whole loops do.
@Suite struct LoopFormTests {
  private let steps = 5

  /// A cell with two states, the second of which the first reads in the same step, under a mask.
  ///
  /// `visit` receives the states of each step as they are written.
  private func write(
    _ builder: inout Builder, steps: Int, reversed: Bool = false,
    _ visit: ([Value]) -> Void = { _ in }
  ) -> (last: [Value], states: Value) {
    let x = builder.input("x", TensorType(.float32, [2, steps, 3]))
    let mask = builder.input("mask", TensorType(.uint8, [2, steps]))
    let (w, u) = (builder.parameter("w", [4, 3]), builder.parameter("u", [4, 4]))
    let first = [builder.parameter("h", [2, 4]), builder.parameter("c", [2, 4])]
    builder.author = "cell"
    let made = builder.scan(over: [x, mask], from: first, with: [w, u], reversed: reversed) {
      body, states, items, weights in
      let a = body.add(
        body.matrixProduct(items[0], weights[0], transposeRight: true),
        body.matrixProduct(states[0], weights[1], transposeRight: true))
      body.name(a, "a")
      let c = body.add(body.multiply(states[1], by: 0.5), body.emit(.unary(.tanh), a))
      let h = body.multiply(body.emit(.unary(.sigmoid), a), body.emit(.unary(.tanh), c))
      let counts = body.broadcast(body.reshape(items[1], [2, 1]), [2, 4])
      let next = zip([h, c], states).map { body.emit(.select, counts, $0, $1) }
      for (name, value) in zip(["h", "c"], next) { body.name(value, name) }
      visit(next)
      return (next, [next[0]])
    }
    return (made.carries, made.results[0])
  }

  /// The loss reads all states and the last of each kind.
  private func loss(_ last: [Value], _ states: Value, in builder: inout Builder) -> Value {
    let squares = builder.total(builder.multiply(states, states))
    return last.reduce(squares) { builder.add($0, builder.total($1)) }
  }

  private func program(
    _ form: LoopForm, steps: Int? = nil, reversed: Bool = false, byStates: Bool = false
  ) -> Program {
    var builder = Builder()
    builder.loopForm = form
    var carries: [Value] = []
    let (last, states) = write(&builder, steps: steps ?? self.steps, reversed: reversed) {
      carries += $0
    }
    let loss = loss(last, states, in: &builder)
    let names = ["w", "u", "h", "c"]
    let weights = zip(names, [[4, 3], [4, 4], [2, 4], [2, 4]] as [Shape]).map {
      builder.parameter($0, $1)
    }
    var gradients = builder.gradients(of: loss, by: weights + builder.probes.map(\.value))
    // One by one: a gradient does not pass through another source.
    if byStates { gradients += carries.map { builder.gradients(of: loss, by: [$0])[0] } }
    let labels =
      names
      + (byStates ? carries.indices.map { "state\($0)" } : builder.probes.map(\.name))
    return builder.program(
      outputs: [Output("loss", loss), Output("states", states)]
        + zip(labels, gradients).map { Output($0, $1) })
  }

  private func run(_ program: Program, steps: Int? = nil) throws -> [String: Tensor] {
    let steps = steps ?? self.steps
    func numbers(_ shape: Shape, _ seed: Int) -> Tensor {
      Tensor(shape, (0..<shape.count).map { Double(($0 * 7 + seed * 5) % 11 - 5) / 6 })
    }
    let x = numbers([2, self.steps, 3], 1)
    let mask = Tensor([2, self.steps], [1, 1, 1, 1, 1, 1, 1, 1, 0, 0])
    func cut(_ tensor: Tensor) -> Tensor {
      let size = tensor.shape.count / 2 / self.steps
      let rows = (0..<2).flatMap { row in
        tensor.elements[(row * self.steps * size)...].prefix(steps * size)
      }
      return Tensor(Shape([2, steps] + tensor.shape.extents.dropFirst(2)), rows)
    }
    var parameters = [
      "w": numbers([4, 3], 2), "u": numbers([4, 4], 3), "h": numbers([2, 4], 4),
      "c": numbers([2, 4], 5),
    ]
    for (name, type) in program.parameters where parameters[name] == nil {
      parameters[name] = Tensor(type.shape, repeating: 0)
    }
    return try ReferenceEvaluator(program).evaluate(
      inputs: ["x": cut(x), "mask": cut(mask)], parameters: parameters)
  }

  private func expectEqual(_ a: Tensor?, _ b: Tensor?, _ name: String) throws {
    let (a, b) = (try #require(a), try #require(b))
    #expect(a.shape == b.shape)
    for (a, b) in zip(a.elements, b.elements) {
      #expect(isClose(a, b, relative: 1e-12, absolute: 1e-14), "\(name): \(a) is not \(b)")
    }
  }

  @Test(arguments: [false, true])
  func stepByStep(_ reversed: Bool) throws {
    let whole = try run(program(LoopForm(), reversed: reversed))
    let program = program(LoopForm(isUnrolled: true), reversed: reversed)
    #expect(!program.hasLoop)
    let unrolled = try run(program)
    for name in ["loss", "states", "w", "u", "h", "c"] {
      try expectEqual(unrolled[name], whole[name], name)
    }
  }

  @Test func valuesOfAStepHaveItsNumber() throws {
    let provenance = program(LoopForm(isUnrolled: true)).provenance
    let names = Set(provenance.names.values)
    for step in 1...steps {
      for name in ["cell.a", "cell.h", "cell.c", "x", "mask"] {
        #expect(names.contains(name + step.subscripted), "\(name) at step \(step)")
      }
    }
    #expect(provenance.states.map(\.step) == Array(1...steps))
    #expect(provenance.states.allSatisfy { $0.carries.count == 2 && $0.loop == 0 })
    #expect(provenance.authors.contains("cell step 3"))
    #expect(12.subscripted == "₁₂" && "h₁₂".withPlainDigits == "h12")
  }

  /// A probe's gradient at a step is that of the loss by the state after it.
  @Test(arguments: [false, true])
  func probesHaveTheGradientsOfStates(_ reversed: Bool) throws {
    let probed = program(LoopForm(hasProbes: true), reversed: reversed)
    #expect(probed.hasLoop && probed.provenance.probes.map(\.name) == ["cell.h", "cell.c"])
    let byProbes = try run(probed)
    let byStates = try run(
      program(LoopForm(isUnrolled: true), reversed: reversed, byStates: true))
    let whole = try run(program(LoopForm(), reversed: reversed))
    for name in ["loss", "states", "w", "u"] { try expectEqual(byProbes[name], whole[name], name) }
    for (carry, name) in ["cell.h", "cell.c"].enumerated() {
      let all = try #require(byProbes[name])
      for step in 0..<steps {
        let place = reversed ? steps - 1 - step : step
        let elements = (0..<2).flatMap { row in
          (0..<4).map { all.elements[(row * steps + place) * 4 + $0] }
        }
        try expectEqual(
          Tensor([2, 4], elements), byStates["state\(2 * step + carry)"], "\(name) at \(place)")
      }
    }
  }

  @Test func loopsEndAfterTheFirstSteps() throws {
    let short = try run(program(LoopForm(), steps: 3), steps: 3)
    for form in [LoopForm(stepLimit: 3), LoopForm(isUnrolled: true, stepLimit: 3)] {
      let cut = try run(program(form))
      for name in ["loss", "w", "u", "h", "c"] { try expectEqual(cut[name], short[name], name) }
      let states = try #require(cut["states"])
      #expect(states.shape == [2, 5, 4])
      #expect(states.elements[(3 * 4)..<(5 * 4)].allSatisfy { $0 == 0 })
    }
  }

  /// The gradient that reaches a state is that which reaches the next one, times the derivatives of
  /// that by this one, plus what the loss reads of the state itself.
  @Test func derivativesFromStateToState() throws {
    let before = program(LoopForm(isUnrolled: true), byStates: true)
    let (whole, derivatives) = before.withCarryDerivatives(limit: 16)
    #expect(derivatives.count == 4 * (steps - 1))
    #expect(before.withCarryDerivatives(limit: 15).derivatives.isEmpty)
    #expect(whole.provenance.steps.count == before.provenance.steps.count)
    let rows = derivatives.flatMap { derivative in derivative.rows.compactMap(\.self) }
    let named = rows.enumerated().map { Output("row\($0)", $1) }
    let outputs = try run(Program(whole.instructions, outputs: before.outputs + named))
    var row = 0
    var passed: [Value: [Double]] = [:]
    let states = before.provenance.states.flatMap(\.carries)
    for derivative in derivatives {
      let place = try #require(states.firstIndex(of: derivative.value))
      let gradient = try #require(outputs["state\(place)"]).elements
      for (element, value) in derivative.rows.enumerated() where value != nil {
        let numbers = try #require(outputs["row\(row)"]).elements
        row += 1
        let sum = passed[derivative.source] ?? [Double](repeating: 0, count: numbers.count)
        passed[derivative.source] = zip(sum, numbers).map { $0 + gradient[element] * $1 }
      }
    }
    let h = try #require(outputs["states"]).elements
    for (place, state) in states.enumerated().dropLast(2) {
      let found = try #require(outputs["state\(place)"]).elements
      let (step, isFirst) = (place / 2, place % 2 == 0)
      for element in found.indices {
        let own = isFirst ? 2 * h[(element / 4 * steps + step) * 4 + element % 4] : 0
        let expected = (passed[state]?[element] ?? 0) + own
        #expect(isClose(found[element], expected, relative: 1e-12, absolute: 1e-14))
      }
    }
  }
}
