import Graphs
import TestSupport

/// A random program over small whole numbers.
///
/// Whole numbers below 2^24 are exact in float32, also when they are added and multiplied, so an
/// engine must give what the reference evaluator gives to the last bit; a value that was
/// overwritten too early cannot hide behind a tolerance.
struct RandomProgram {
  let program: Program
  let inputs: [String: Tensor]
  let parameters: [String: Tensor]

  init(seed: Int, loops: Int = 0) {
    var writer = ProgramWriter(seed: seed)
    for _ in 0..<3 { writer.addLeaf(writer.shape()) }
    for _ in 0..<loops { writer.addLoop() }
    for _ in 0..<writer.generator.integer(in: 4...24) { writer.addOperation() }
    program = writer.program()
    inputs = writer.inputs
    parameters = writer.parameters
  }
}

/// Writes leaves, operations and outputs by chance.
struct ProgramWriter {
  var generator: XorShift
  let isLarge: Bool
  let takesGradients: Bool
  var builder = Builder()
  var inputs: [String: Tensor] = [:]
  var parameters: [String: Tensor] = [:]
  /// Float32 values, each with a bound of its magnitude.
  var values: [(value: Value, bound: Double)] = []
  var others: [Value] = []
  /// Integers, of which int32 may be as large as they become: they wrap around.
  var integers: [Value] = []
  var hasNorms = false
  /// Values that are no whole numbers, whose gradients are.
  var roots: [Value] = []

  init(seed: Int) {
    generator = XorShift(seed: UInt64(seed + 1) &* 0x9E37_79B9_7F4A_7C15)
    isLarge = seed % 4 == 0
    takesGradients = seed % 3 != 0
  }

  // MARK: Choices

  mutating func chance(_ percent: Int) -> Bool { generator.integer(in: 1...100) <= percent }

  mutating func one<Element>(of list: [Element]) -> Element {
    list[generator.integer(in: 0...list.count - 1)]
  }

  mutating func shape(rank: Int? = nil) -> Shape {
    if isLarge, rank == nil {
      // Rows shorter and longer than the blocks in which elementwise operations run.
      let extents = [
        [3, 2100], [70, 64], [5, 3, 300], [2, 2500], [2500, 2], [45, 7, 9], [4500],
      ]
      return Shape(one(of: extents))
    }
    let rank = rank ?? generator.integer(in: 0...4)
    return Shape((0..<rank).map { _ in generator.integer(in: 1...4) })
  }

  /// Recent values are chosen more often: chains grow, and operands die where they are read.
  mutating func anyValue() -> (value: Value, bound: Double) {
    let recent = values.suffix(chance(70) ? 3 : values.count)
    return one(of: Array(recent))
  }

  mutating func anyValue(rank: Int) -> (value: Value, bound: Double) {
    let fitting = values.filter { builder.shape(of: $0.value).rank == rank }
    if let (value, bound) = fitting.last, chance(80) { return (value, bound) }
    return addLeaf(shape(rank: rank))
  }

  // MARK: Leaves

  @discardableResult
  mutating func addLeaf(_ shape: Shape) -> (value: Value, bound: Double) {
    let tensor = Tensor(
      shape, (0..<shape.count).map { _ in Double(generator.integer(in: -3...3)) })
    let value: Value
    switch generator.integer(in: 0...5) {
    case 0:
      value = builder.constant(Double(generator.integer(in: -3...3)), shape)
    case 1:
      // Numbers of [0, 1), made 0 or 1.
      let noise = builder.random(stream: values.count, shape)
      let mask = builder.emit(.compare(.less), noise, builder.constant(0.5, shape))
      value = builder.emit(.convert(.float32), mask)
      others.append(mask)
    case 2, 3:
      let name = "x\(inputs.count)"
      inputs[name] = tensor
      value = builder.input(name, TensorType(.float32, shape))
    default:
      let name = "p\(parameters.count)"
      parameters[name] = tensor
      value = builder.parameter(name, shape)
    }
    return add(value, bound: 3)
  }

  mutating func indices(_ count: Int, below bound: Int) -> Value {
    let name = "i\(inputs.count)"
    inputs[name] = Tensor(
      [count], (0..<count).map { _ in Double(generator.integer(in: 0...bound - 1)) })
    return builder.input(name, TensorType(.int32, [count]))
  }

  /// Large values are cut to small ones, mostly where they stand.
  @discardableResult
  mutating func add(_ value: Value, bound: Double) -> (value: Value, bound: Double) {
    var result = (value: value, bound: bound)
    if bound > 64 {
      let shape = builder.shape(of: value)
      let above = builder.maximum(value, builder.constant(-8, shape))
      let negative = builder.emit(.unary(.negate), above)
      result = (builder.maximum(negative, builder.constant(-8, shape)), 8)
    }
    values.append(result)
    return result
  }

  // MARK: Outputs

  mutating func program() -> Program {
    var outputs: [Output] = []
    func put(_ value: Value) { outputs.append(Output("y\(outputs.count)", value)) }
    for (value, _) in values where chance(20) {
      put(value)
      if chance(30) { put(builder.reshape(value, other(builder.shape(of: value)))) }
    }
    put(values[values.count - 1].value)
    for value in others + integers where chance(30) { put(value) }
    if takesGradients { outputs += gradients() }
    return builder.program(outputs: outputs)
  }

  /// Gradients of every parameter, among them one that is an input, two that are one value, one
  /// of a parameter that nothing reads and, sometimes, gradients of gradients.
  private mutating func gradients() -> [Output] {
    let name = "x\(inputs.count)"
    inputs[name] = Tensor([3], [1, -2, 3])
    let given = builder.input(name, TensorType(.float32, [3]))
    let special = (0..<4).map { _ in
      let name = "p\(parameters.count)"
      parameters[name] = Tensor([3], [2, 1, 0])
      return builder.parameter(name, [3])
    }
    let twin = builder.add(special[1], special[2])
    var loss = builder.total(builder.multiply(special[0], given))
    loss = builder.add(loss, builder.total(builder.multiply(twin, twin)))
    for _ in 0..<2 { loss = builder.add(loss, builder.total(anyValue().value)) }
    for root in roots { loss = builder.add(loss, builder.total(root)) }

    let names = parameters.keys.sorted()
    let sources = names.map { name in
      builder.parameter(name, parameters[name]?.shape ?? [])
    }
    var gradients = builder.gradients(of: loss, by: sources)
    // Second derivatives of norms have more binary places than fit.
    if !hasNorms && chance(30) {
      var sum = builder.constant(0)
      for gradient in gradients {
        sum = builder.add(sum, builder.total(builder.multiply(gradient, gradient)))
      }
      gradients = builder.gradients(of: sum, by: sources)
    }
    return zip(names, gradients).map { Output("gradient/\($0)", $1) }
  }
}
