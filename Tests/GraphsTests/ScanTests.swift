import Graphs
import TestSupport
import Testing

/// A loop is the program that writes its steps out: its value, its gradient, and the gradient of
/// that.
@Suite struct ScanTests {
  @Test(arguments: 0..<500) func isTheSameWrittenOut(_ seed: Int) throws {
    try compare(seed, isWhole: true)
    try compare(seed, isWhole: false)
  }

  private func compare(_ seed: Int, isWhole: Bool) throws {
    let loop = LoopProgram(seed: seed, isWhole: isWhole)
    let program = loop.program(remember: loop.loop.memory)
    // Every step is written out, and that program is differentiated.
    let expected = ReferenceEvaluator(loop.unrolled())
    let values = try expected.values(inputs: loop.inputs)
    let largest = values.elements.flatMap(\.elements).reduce(1) { max($0, abs($1)) }
    // Whole numbers of Double are exact up to 2^53.
    let isExact = isWhole && largest < 0x1p53
    let made = try ReferenceEvaluator(program).evaluate(inputs: loop.inputs)
    let unrolled = program.unrolled()
    #expect(
      !unrolled.instructions.contains { if case .scan = $0.operation { true } else { false } })
    let writtenOut = try ReferenceEvaluator(unrolled).evaluate(inputs: loop.inputs)
    for output in expected.program.outputs {
      let right = values[output.value]
      for outputs in [made, writtenOut] {
        let found = try #require(outputs[output.name])
        let difference = found.difference(
          from: right, relative: 0, absolute: isExact ? 0 : 1e-12 * largest)
        #expect(
          difference == nil, "seed \(seed), whole \(isWhole): \(output.name): \(program)")
      }
    }
  }

  /// Most of the loops have gradients, and numbers that are exact.
  @Test func theLoopsSayMuch() throws {
    var (gradients, exact, hasSecond) = (0, 0, 0)
    for seed in 0..<500 {
      let loop = LoopProgram(seed: seed, isWhole: true)
      let values = try ReferenceEvaluator(loop.unrolled()).evaluate(inputs: loop.inputs)
      func isAny(_ name: String) -> Bool {
        values.contains { $0.hasPrefix(name) && $1.elements.contains { $0 != 0 } }
      }
      if isAny("gradient") { gradients += 1 }
      if isAny("second") { hasSecond += 1 }
      if values.values.allSatisfy({ $0.elements.allSatisfy { abs($0) < 0x1p40 } }) { exact += 1 }
    }
    #expect(gradients > 300 && hasSecond > 150 && exact > 400, "\(gradients) \(hasSecond) \(exact)")
  }

  /// Slopes that are measured, of loops over real numbers.
  @Test(arguments: 500..<540) func derivativesAreSlopes(_ seed: Int) throws {
    let loop = LoopProgram(seed: seed, isWhole: false)
    for isSecond in [false, true] {
      let (program, sources) = try loop.lossProgram(isSecond: isSecond)
      let loss = Loss(program, inputs: loop.inputs)
      for source in sources { try loss.expectGradient(of: source, step: 1e-4, relative: 1e-5, "") }
    }
  }
}

/// A random loop in a program with losses of its results.
struct LoopProgram {
  let loop: RandomLoop
  private(set) var inputs: [String: Tensor] = [:]
  private let generator: XorShift

  init(seed: Int, isWhole: Bool) {
    loop = RandomLoop(seed: UInt64(seed), isWhole: isWhole)
    var generator = XorShift(seed: UInt64(seed + 1) &* 0x2545_F491_4F6C_DD1D)
    for (place, type) in loop.operands.enumerated() {
      inputs["x\(place)"] = Tensor(
        type.shape,
        (0..<type.count).map { _ in
          type.number != .float32
            ? Double(generator.integer(in: 0...1))
            : isWhole ? Double(generator.integer(in: -2...2)) : generator.number(in: -1...1)
        })
    }
    self.generator = generator
  }

  /// The outputs of the loop, with gradients and second gradients.
  func program(remember memory: Int? = nil) -> Program {
    var builder = Builder()
    let operands = leaves(&builder)
    let (carries, results) = loop.write(operands, remember: memory, in: &builder)
    return differentiated(carries + results, by: operands, &builder)
  }

  /// The same of a program that writes all steps out.
  func unrolled() -> Program {
    var builder = Builder()
    let operands = leaves(&builder)
    let (carries, results) = loop.write(operands, in: &builder)
    let made = (carries + results).enumerated().map { Output("\($0)", $1) }
    let forward = builder.program(outputs: made).unrolled()
    var other = Builder()
    let leaves = leaves(&other)
    var places: [Value: Value] = [:]
    for (index, instruction) in forward.instructions.enumerated() {
      let operands = instruction.operands.compactMap { places[$0] }
      for (result, value) in other.emit(instruction, operands: operands).enumerated() {
        places[Value(index, result: result)] = value
      }
    }
    let outputs = forward.outputs.compactMap { places[$0.value] }
    return differentiated(outputs, by: leaves, &other)
  }

  /// A loss, or a sum of squares of its gradients, and the gradients of that.
  func lossProgram(isSecond: Bool) throws -> (program: Program, sources: [String]) {
    var builder = Builder()
    let operands = leaves(&builder)
    let (carries, results) = loop.write(operands, in: &builder)
    var random = generator
    let sources = operands.enumerated().filter { builder.type(of: $1).number == .float32 }
    var loss = builder.weighted(carries + results, &random) ?? builder.constant(0)
    if isSecond {
      let gradients = builder.gradients(of: loss, by: sources.map(\.1))
      loss = builder.squares(gradients)
    }
    let names = sources.map { ("x\($0.0)", $0.1) }
    return (try builder.gradientProgram(loss, by: names), names.map(\.0))
  }

  private func leaves(_ builder: inout Builder) -> [Value] {
    loop.operands.enumerated().map { builder.input("x\($0)", $1) }
  }

  private func differentiated(
    _ results: [Value], by operands: [Value], _ builder: inout Builder
  ) -> Program {
    var random = generator
    var outputs = results.enumerated().map { Output("y\($0)", $1) }
    let sources = operands.filter { builder.type(of: $0).number == .float32 }
    guard !sources.isEmpty, let loss = builder.weighted(results, &random) else {
      return builder.program(outputs: outputs)
    }
    let gradients = builder.gradients(of: loss, by: sources)
    outputs += gradients.enumerated().map { Output("gradient \($0)", $1) }
    let some = gradients.filter { _ in random.integer(in: 0...2) > 0 }
    let second = builder.gradients(of: builder.squares(some), by: sources)
    outputs += second.enumerated().map { Output("second \($0)", $1) }
    return builder.program(outputs: outputs)
  }
}

extension Builder {
  /// The sum of some of the values, each of its elements with a weight; nil if none is real.
  fileprivate mutating func weighted(_ values: [Value], _ random: inout XorShift) -> Value? {
    let floats = values.filter { type(of: $0).number == .float32 }
    if floats.isEmpty { return nil }
    let one = random.integer(in: 0...floats.count - 1)
    var sum = constant(0)
    for (place, value) in floats.enumerated() where place == one || random.integer(in: 0...1) == 0 {
      let isSquared = random.integer(in: 0...1) == 0
      let term = isSquared ? multiply(value, value) : multiply(value, by: 2)
      sum = add(sum, total(term))
    }
    return sum
  }

  fileprivate mutating func squares(_ values: [Value]) -> Value {
    var sum = constant(0)
    for value in values { sum = add(sum, total(multiply(value, value))) }
    return sum
  }
}
