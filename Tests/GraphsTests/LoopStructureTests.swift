import Graphs
import TestSupport
import Testing

/// What is written of a loop, and what is not.
@Suite struct LoopStructureTests {
  private static let (rows, inputs, units) = (3, 5, 4)

  /// z = x W + h U + b, gates of z, c = f c + i g, h = o tanh(c).
  private static func lstm(
    steps: Int, axis: Int = 1, hasGradients: Bool, in builder: inout Builder
  ) -> [Output] {
    let x = builder.input(
      "x", TensorType(.float32, Shape([rows, inputs]).inserting(steps, at: axis)))
    let w = builder.parameter("w", [inputs, 4 * units])
    let u = builder.parameter("u", [units, 4 * units])
    let b = builder.parameter("b", [4 * units])
    let zeros = builder.constant(0, [rows, units])
    let (last, outputs) = builder.scan(
      over: [x], axis: axis, from: [zeros, zeros], with: [w, u, b]
    ) { body, carries, items, constants in
      var z = body.add(
        body.matrixProduct(items[0], constants[0]),
        body.broadcast(constants[2], over: [rows, 4 * units]))
      z = body.add(z, body.matrixProduct(carries[0], constants[1]))
      let gates = (0..<4).map { gate in
        let part = body.slice(z, axis: 1, gate * units..<(gate + 1) * units)
        return body.emit(.unary(gate == 2 ? .tanh : .sigmoid), part)
      }
      let kept = body.multiply(gates[1], carries[1])
      let c = body.add(kept, body.multiply(gates[0], gates[2]))
      let h = body.multiply(gates[3], body.emit(.unary(.tanh), c))
      return ([h, c], [h])
    }
    let forward = [Output("h", outputs[0]), Output("last", last[0])]
    guard hasGradients else { return forward }
    let loss = builder.total(builder.multiply(outputs[0], outputs[0]))
    let gradients = builder.gradients(of: loss, by: [w, u, b])
    return [Output("loss", loss)]
      + zip(["w", "u", "b"], gradients).map { Output("gradient/\($0)", $1) }
  }

  private static func lstm(steps: Int, axis: Int = 1, hasGradients: Bool) -> Program {
    var builder = Builder()
    builder.author = "lstm"
    let outputs = lstm(steps: steps, axis: axis, hasGradients: hasGradients, in: &builder)
    return builder.program(outputs: outputs)
  }

  /// A loop that is not differentiated saves nothing.
  @Test func whatNobodyReadsIsNotComputed() throws {
    let program = Self.lstm(steps: 7, hasGradients: false)
    let loops = program.loops
    #expect(loops.count == 1 && program.instructions[loops[0].index].types.count == 3)
    let scan = loops[0].scan
    #expect(scan.carries == 2 && scan.body.outputs.count == 3)
    // Another loop whose second carry and second result feed nothing that is read.
    var builder = Builder()
    let x = builder.input("x", TensorType(.float32, [2, 5, 3]))
    let zeros = builder.constant(0, [2, 3])
    let made = builder.scan(over: [x, x], from: [zeros, zeros]) { body, carries, items, _ in
      let sum = body.add(carries[0], items[0])
      let other = body.emit(.unary(.exp), body.multiply(carries[1], items[1]))
      return ([sum, other], [other, sum])
    }
    let small = builder.program(outputs: [Output("sums", made.results[1])])
    let rest = try #require(small.loops.first)
    #expect(rest.scan.carries == 1 && rest.scan.sequences == 1)
    #expect(rest.scan.body.instructions.count == 3, "\(small)")
  }

  /// The numbers of the loop that its derivative reads: four gates, the cell and the state.
  @Test(arguments: [0, 1]) func theTapeOfAnLSTM(axis: Int) throws {
    let steps = 6
    let program = Self.lstm(steps: steps, axis: axis, hasGradients: true)
    let loops = program.loops
    #expect(loops.count == 2)
    let (forward, backward) = (loops[0], loops[1])
    #expect(!forward.scan.isReversed && backward.scan.isReversed)
    let read = Set(program.instructions.dropFirst(backward.index).flatMap(\.operands))
    let tape = program.results(of: forward.index).filter {
      $0.result >= forward.scan.carries && program.readers(of: $0, among: read)
    }
    let numbers = tape.reduce(0) { $0 + program.type(of: $1).count } / (Self.rows * steps)
    #expect(numbers <= 6 * Self.units, "\(numbers): \(program)")
  }

  /// x W is one product before the loop, and all gradients of weights are computed behind it.
  @Test(arguments: [0, 1]) func productsOfWeightsLeaveTheLoop(axis: Int) throws {
    let program = Self.lstm(steps: 6, axis: axis, hasGradients: true)
    let loops = program.loops
    func products(_ program: Program) -> [Instruction] {
      program.instructions.filter {
        if case .matrixProduct = $0.operation { true } else { false }
      }
    }
    // h U, and back through it.
    #expect(products(program).count == 3)
    #expect(loops.map { products($0.scan.body).count } == [1, 1], "\(program)")
    let outside = Set(products(program).map(\.type.shape))
    let (rows, inputs, units) = (6 * Self.rows, Self.inputs, Self.units)
    #expect(outside == [[rows, 4 * units], [inputs, 4 * units], [units, 4 * units]])
    // The carries of the way back are the gradients of h and c.
    #expect(loops[1].scan.carries == 2)
    let transcendental = loops[1].scan.body.instructions.filter {
      if case .unary(let unary) = $0.operation { unary == .sigmoid } else { false }
    }
    #expect(transcendental.isEmpty, "the gates are computed twice")
  }

  @Test func sizeDoesNotDependOnTheNumberOfSteps() {
    for hasGradients in [false, true] {
      let counts = [64, 1024, 10000].map {
        Self.lstm(steps: $0, hasGradients: hasGradients).size
      }
      #expect(counts[0] == counts[1] && counts[0] == counts[2])
    }
  }

  @Test func provenanceIsWellFormed() throws {
    for seed in 0..<100 {
      let loop = LoopProgram(seed: seed, isWhole: false)
      let program = loop.program(remember: loop.loop.memory)
      program.expectProvenance()
      program.unrolled().expectProvenance()
    }
    let program = Self.lstm(steps: 3, hasGradients: true)
    program.expectProvenance()
    #expect(Set(program.provenance.authors.dropFirst(4)) == ["lstm"])
    let unrolled = program.unrolled().provenance.authors
    #expect(unrolled.contains("lstm step 1") && unrolled.contains("lstm step 3"))
  }

  /// Loops whose steps differ are neither one instruction nor the same text.
  @Test func loopsDifferInTheirSteps() throws {
    typealias Change = (inout Builder, Value) -> Value
    let steps: [Change] = [
      { $0.emit(.unary(.tanh), $1) }, { $0.emit(.unary(.exp), $1) }, { $0.add($1, $1) },
      { $0.add($1, $0.constant(0, [2])) }, { $0.add($1, $0.constant(-0.0, [2])) },
      { $0.add($1, $0.constant(1, [2])) },
      { builder, x in
        builder.scan(over: [x], axis: 0, from: [builder.constant(0)]) { body, carries, items, _ in
          let sum = body.add(carries[0], items[0])
          return ([sum], [sum])
        }.results[0]
      },
      { builder, x in
        builder.scan(over: [x], axis: 0, from: [builder.constant(0)]) { body, carries, items, _ in
          let sum = body.multiply(carries[0], items[0])
          return ([sum], [sum])
        }.results[0]
      },
    ]
    var builder = Builder()
    let (x, h) = (
      builder.input("x", TensorType(.float32, [2, 3])),
      builder.input("h", TensorType(.float32, [2]))
    )
    func loops() -> [Value] {
      steps.flatMap { change in
        [false, true].map { reversed in
          builder.scan(over: [x], from: [h], reversed: reversed) { body, carries, items, _ in
            ([change(&body, body.add(carries[0], items[0]))], [])
          }.carries[0]
        }
      }
    }
    let values = loops()
    #expect(Set(values).count == values.count)
    let programs = values.map { builder.program(outputs: [Output("y", $0)]) }
    #expect(Set(programs.map(\.description)).count == values.count)
    // Zero and minus zero are equal as numbers, so those two programs are equal: not as text.
    #expect(Set(programs).count >= values.count - 2)
    // The same loops again are the same values, but for those with a minus zero.
    #expect(zip(loops(), values).count { $0 != $1 } == 2)
  }
}

extension Program {
  fileprivate var loops: [(index: Int, scan: Scan)] {
    instructions.enumerated().compactMap { index, instruction in
      if case .scan(let scan) = instruction.operation { (index, scan) } else { nil }
    }
  }

  /// The number of instructions, those of steps included.
  fileprivate var size: Int { loops.reduce(instructions.count) { $0 + $1.scan.body.size } }

  /// Whether values read a result, or a reshape of it.
  fileprivate func readers(of value: Value, among read: Set<Value>) -> Bool {
    if read.contains(value) { return true }
    return instructions.indices.contains { index in
      guard case .reshape = instructions[index].operation else { return false }
      return instructions[index].operands == [value] && read.contains(Value(index))
    }
  }

  /// Every instruction has an author, and every rule speaks of values that are there.
  fileprivate func expectProvenance() {
    #expect(provenance.authors.count == instructions.count)
    for step in provenance.steps {
      #expect(step.operands.indices.contains(step.operand))
      for value in step.operands + [step.result, step.gradient, step.part, step.sum] {
        #expect(instructions.indices.contains(value.index))
        #expect(instructions[value.index].types.indices.contains(value.result))
      }
      let operand = step.operands[step.operand]
      for part in [step.part, step.sum] {
        #expect(type(of: part) == type(of: operand), "\(step)")
      }
      #expect(type(of: step.gradient) == type(of: step.result), "\(step)")
      if case .scan = self[step.result].operation {
        #expect(self[step.result].operation == step.operation)
        #expect(self[step.result].operands == step.operands)
      }
    }
    for (_, scan) in loops { scan.body.expectProvenance() }
  }
}
