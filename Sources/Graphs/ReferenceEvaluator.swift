/// Runs a program in `Double` with plain loops: the oracle that all engines are tested against.
package struct ReferenceEvaluator {
  /// The program that runs: the given one, with composites expanded.
  package let program: Program

  /// Composites run as their expansion, or in the order of their kernels, which differs in rounding
  /// only.
  package init(_ program: Program, asKernels: Bool = false) {
    self.program = program.expanded(asKernels: asKernels)
  }

  /// Returns uniform numbers in [0, 1) of a stream, as many as the shape has elements.
  package typealias Random = (_ stream: Int, _ shape: Shape) -> [Double]

  /// Returns a tensor whose elements have been rounded about `times` times.
  package typealias Rounding = (_ tensor: Tensor, _ times: Int) -> Tensor

  /// Computes the outputs, holding each intermediate value until its last use.
  package func evaluate(
    inputs: [String: Tensor] = [:], parameters: [String: Tensor] = [:],
    random: Random = { _, _ in [] }
  ) throws(ProgramError) -> [String: Tensor] {
    try ReferenceEvaluator.evaluate(program, inputs, parameters, random)
  }

  private static func evaluate(
    _ program: Program, _ inputs: [String: Tensor], _ parameters: [String: Tensor],
    _ random: Random
  ) throws(ProgramError) -> [String: Tensor] {
    var last = ValueTable(program.instructions, repeating: -1)
    for (index, instruction) in program.instructions.enumerated() {
      for operand in instruction.operands { last[operand] = index }
    }
    for output in program.outputs { last[output.value] = program.instructions.count }

    var values = ValueTable<Tensor>()
    let released = Tensor([0], [])
    for (index, instruction) in program.instructions.enumerated() {
      let operands = instruction.operands.map { values[$0] }
      values.append(try results(of: instruction, on: operands, inputs, parameters, random))
      for operand in instruction.operands where last[operand] == index {
        values[operand] = released
      }
    }
    var outputs: [String: Tensor] = [:]
    for output in program.outputs { outputs[output.name] = values[output.value] }
    return outputs
  }

  /// Computes every value of `program`; with a `rounding`, as an engine with less precision might.
  package func values(
    inputs: [String: Tensor] = [:], parameters: [String: Tensor] = [:],
    random: Random = { _, _ in [] }, rounding: Rounding? = nil
  ) throws(ProgramError) -> ValueTable<Tensor> {
    var values = ValueTable<Tensor>()
    for (index, instruction) in program.instructions.enumerated() {
      var operands = instruction.operands.map { values[$0] }
      guard let rounding, instruction.isRounded else {
        values.append(try Self.results(of: instruction, on: operands, inputs, parameters, random))
        continue
      }
      if case .scan(let scan) = instruction.operation {
        values.append(try Self.results(of: scan, on: operands, rounding))
        continue
      }
      // The terms of a sum may cancel; then their rounding errors are larger than that of the sum.
      let terms = program.cost(of: Value(index)).flops / max(1, instruction.type.count)
      if terms > 1 {
        operands = zip(operands, instruction.operands).map {
          program.type(of: $1).number.isFloat ? rounding($0, terms) : $0
        }
      }
      let exact = try Self.results(of: instruction, on: operands, inputs, parameters, random)
      values.append(exact.map { rounding($0, 1) })
    }
    return values
  }

  /// The values of `program` after some parameters have changed; values that depend on none of them
  /// are taken from `values`.
  package func values(
    _ values: ValueTable<Tensor>, changing parameters: [String: Tensor]
  ) throws(ProgramError) -> ValueTable<Tensor> {
    var values = values
    var isChanged = [Bool](repeating: false, count: program.instructions.count)
    for (index, instruction) in program.instructions.enumerated() {
      if case .parameter(let name) = instruction.operation {
        isChanged[index] = parameters[name] != nil
      } else {
        isChanged[index] = instruction.operands.contains { isChanged[$0.index] }
      }
      guard isChanged[index] else { continue }
      let operands = instruction.operands.map { values[$0] }
      let results = try Self.results(of: instruction, on: operands, [:], parameters) { _, _ in [] }
      for (value, result) in zip(program.results(of: index), results) { values[value] = result }
    }
    return values
  }

  /// Runs a loop step by step; with a rounding, each value of each step is rounded.
  private static func results(
    of scan: Scan, on x: [Tensor], _ rounding: Rounding? = nil
  ) throws(ProgramError) -> [Tensor] {
    let evaluator = ReferenceEvaluator(asIs: scan.body)
    let names = scan.body.inputs.map(\.name)
    let outputs = scan.body.outputs.map(\.value)
    var carries = Array(x.prefix(scan.carries))
    var items = [[Tensor]](repeating: [], count: scan.steps)
    for step in scan.order {
      var inputs: [String: Tensor] = [:]
      for (place, name) in names.enumerated() {
        inputs[name] =
          if place < scan.carries {
            carries[place]
          } else if place < scan.carries + scan.sequences {
            x[place].item(step, axis: scan.axis)
          } else {
            x[place]
          }
      }
      let values = try evaluator.values(inputs: inputs, rounding: rounding)
      let made = outputs.map { values[$0] }
      carries = Array(made.prefix(scan.carries))
      items[step] = Array(made.dropFirst(scan.carries))
    }
    let stacks = outputs.dropFirst(scan.carries).indices.map { place in
      Tensor.stacked(items.map { $0[place - scan.carries] }, axis: scan.axis)
    }
    return carries + stacks
  }

  private init(asIs program: Program) { self.program = program }

  private static func results(
    of instruction: Instruction, on x: [Tensor],
    _ inputs: [String: Tensor], _ parameters: [String: Tensor], _ random: Random
  ) throws(ProgramError) -> [Tensor] {
    if case .maxPool(let window) = instruction.operation {
      let argmax = window.argmax(of: x[0], to: instruction.type.shape)
      return [try window.gathered(x[0], at: argmax), argmax]
    }
    if case .scan(let scan) = instruction.operation { return try results(of: scan, on: x) }
    return [try result(of: instruction, on: x, inputs, parameters, random)]
  }

  private static func result(
    of instruction: Instruction, on x: [Tensor],
    _ inputs: [String: Tensor], _ parameters: [String: Tensor], _ random: Random
  ) throws(ProgramError) -> Tensor {
    let exact = try exactResult(of: instruction, on: x, inputs, parameters, random)
    // A float32 stands for a real number; every other type holds the numbers that it has.
    let number = instruction.type.number
    return number == .bfloat16 ? exact.map(number.nearest) : exact
  }

  private static func exactResult(
    of instruction: Instruction, on x: [Tensor],
    _ inputs: [String: Tensor], _ parameters: [String: Tensor], _ random: Random
  ) throws(ProgramError) -> Tensor {
    let shape = instruction.type.shape
    switch instruction.operation {
    case .input(let name):
      return try given(inputs[name], "input '\(name)'", shape)
    case .parameter(let name):
      return try given(parameters[name], "parameter '\(name)'", shape)
    case .constant(let value):
      return Tensor(shape, repeating: value)
    case .random(let stream):
      let numbers = random(stream, shape)
      try require(
        numbers.count == shape.count,
        "random stream \(stream) gives \(numbers.count) numbers for \(shape)")
      return Tensor(shape, numbers)
    case .unary(let unary): return x[0].map(unary.apply)
    case .binary(let binary):
      let number = instruction.type.number
      return x[0].map(with: x[1]) { binary.apply($0, $1, in: number) }
    case .compare(let comparison):
      return x[0].map(with: x[1]) { comparison.holds($0, $1) ? 1 : 0 }
    case .select: return x[0].select(x[1], x[2])
    case .convert(let number): return x[0].map(number.nearest)
    case .reduce(let reduction, let axes): return x[0].reduced(reduction, axes, to: shape)
    case .reshape: return Tensor(shape, x[0].elements)
    case .permute(let order): return x[0].permuted(order)
    case .broadcast: return x[0].broadcast(to: shape)
    case .slice(let ranges): return x[0].sliced(ranges, to: shape)
    case .pad(let paddings): return x[0].padded(paddings, to: shape)
    case .concatenate(let axis): return Tensor.concatenated(x, axis: axis, to: shape)
    case .reverse(let axes): return x[0].reversed(axes)
    case .gather: return try x[0].gathered(at: x[1], to: shape)
    case .scatterAdd: return try x[1].scattered(at: x[0], to: shape)
    case .oneHot: return try x[0].oneHot(to: shape)
    case .matrixProduct(let transposeLeft, let transposeRight):
      return x[0].matrixProduct(
        x[1], transposeLeft: transposeLeft, transposeRight: transposeRight, to: shape)
    case .convolution(let convolution):
      return convolution.output(input: x[0], filter: x[1], to: shape)
    case .convolutionInputGradient(let convolution, _, _):
      return convolution.inputGradient(output: x[0], filter: x[1], to: shape)
    case .convolutionFilterGradient(let convolution):
      return convolution.filterGradient(input: x[0], output: x[1], to: shape)
    case .poolGather(let window): return try window.gathered(x[1], at: x[0])
    case .poolScatter(let window, _, _): return try window.scattered(x[1], at: x[0], to: shape)
    case .poolSum(let window): return window.sums(of: x[0], to: shape)
    case .poolSpread(let window, _, _): return window.spread(x[0], to: shape)
    case .maxPool, .scan, .composite:
      preconditionFailure("\(instruction.operation) has several results, or was not expanded")
    }
  }

  private static func given(
    _ tensor: Tensor?, _ name: String, _ shape: Shape
  ) throws(ProgramError) -> Tensor {
    guard let tensor else { throw ProgramError("\(name) of shape \(shape) is missing") }
    try require(
      tensor.shape == shape && tensor.elements.count == shape.count,
      "\(name) has shape \(tensor.shape), not \(shape)")
    return tensor
  }
}

extension Instruction {
  /// Whether an engine with less precision rounds the result: floats that are computed, and not
  /// only chosen or moved.
  var isRounded: Bool { type.number.isFloat && operation.isRounded }
}

extension Operation {
  fileprivate var isRounded: Bool {
    switch self {
    case .input, .parameter, .random, .unary(.negate), .binary(.maximum), .compare, .select,
      .convert, .reduce(.maximum, _), .reshape, .permute, .broadcast, .slice, .pad, .concatenate,
      .reverse, .gather, .oneHot, .maxPool, .poolGather:
      false
    case .constant(let value):
      Double(Float(value)) != value
    case .unary, .binary, .reduce(.sum, _), .scatterAdd, .matrixProduct, .convolution,
      .convolutionInputGradient, .convolutionFilterGradient, .poolScatter, .poolSum, .poolSpread,
      .scan, .composite:
      true
    }
  }
}
