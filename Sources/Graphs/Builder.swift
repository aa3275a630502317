/// Writes a program, one instruction after the other.
///
/// An instruction that exists is not written again, and identities that derivative rules leave
/// behind (a reshape to the same shape, a product with 1) are not written at all.
package struct Builder {
  package private(set) var instructions: [Instruction] = []
  /// The layer that is writing.
  package var author = ""
  var provenance = Provenance()
  private var known: [Instruction: Int] = [:]
  package var loopForm = LoopForm()
  /// Whether operations on rows of tables are always taken before they are gathered, because what
  /// depends on parameters alone is computed once.
  package var gathersLast = false
  /// The values of each step that stacks of unrolled loops consist of.
  var stackedItems: [Value: LoopItems] = [:]
  package var probes: [LoopProbe] { provenance.probes }

  package init() {}

  /// Continues a program.
  init(_ program: Program) {
    instructions = program.instructions
    provenance = program.provenance
  }

  package func type(of value: Value) -> TensorType {
    instructions[value.index].types[value.result]
  }
  package func shape(of value: Value) -> Shape { type(of: value).shape }

  /// Whether a value is computed from an input.
  package func depends(_ value: Value, onInput name: String) -> Bool {
    var isNeeded = [Bool](repeating: false, count: value.index + 1)
    isNeeded[value.index] = true
    for index in (0...value.index).reversed() where isNeeded[index] {
      if instructions[index].operation == .input(name) { return true }
      for operand in instructions[index].operands { isNeeded[operand.index] = true }
    }
    return false
  }

  /// The program that computes the outputs, without other instructions.
  package func program(outputs: [Output]) -> Program {
    Program(of: outputs, in: instructions, provenance)
  }

  /// Writes an operation on operands whose types it must fit, and returns its first result.
  package mutating func emit(_ operation: Operation, _ operands: Value...) -> Value {
    emit(operation, operands)
  }

  package mutating func emit(_ operation: Operation, _ operands: [Value]) -> Value {
    results(of: operation, operands)[0]
  }

  /// Writes an operation on operands whose types it must fit, and returns all its results.
  package mutating func results(of operation: Operation, _ operands: [Value]) -> [Value] {
    if let simpler = simplified(operation, operands) { return [simpler] }
    do {
      let leaf = TensorType(.float32, [])
      let types = try operation.resultTypes(of: operands.map { self.type(of: $0) }, leaf: leaf)
      return write(Instruction(operation, operands, types))
    } catch {
      preconditionFailure("\(operation): \(error)")
    }
  }

  /// Writes an instruction whose operands are values of this builder, and returns its results.
  package mutating func emit(_ instruction: Instruction, operands: [Value]) -> [Value] {
    operands.isEmpty
      ? write(Instruction(instruction.operation, [], instruction.types))
      : results(of: instruction.operation, operands)
  }

  private mutating func write(_ instruction: Instruction) -> [Value] {
    let index = place(of: instruction)
    return instruction.types.indices.map { Value(index, result: $0) }
  }

  /// The number of an instruction, which is written if it does not exist.
  private mutating func place(of instruction: Instruction) -> Int {
    // -0 equals 0 but is another number, so the two are not shared.
    let isShared = !instruction.operation.hasNegativeZero
    if isShared, let index = known[instruction] { return index }
    instructions.append(instruction)
    provenance.authors.append(author)
    if isShared { known[instruction] = instructions.count - 1 }
    return instructions.count - 1
  }

  private mutating func leaf(_ operation: Operation, _ type: TensorType) -> Value {
    Value(place(of: Instruction(operation, [], [type])))
  }

  /// Writes the instructions of another builder, whose first ones are replaced by `leaves`.
  ///
  /// Returns the values here by the values there.
  mutating func append(_ other: Builder, for leaves: [Value]) -> ValueTable<Value> {
    var places = ValueTable<Value>()
    for leaf in leaves { places.append([leaf]) }
    for instruction in other.instructions.dropFirst(leaves.count) {
      let operands = instruction.operands.map { places[$0] }
      places.append(emit(instruction, operands: operands))
    }
    provenance.steps += other.provenance.steps.compactMap { $0.moved { places[$0] } }
    return places
  }

  // MARK: Leaves

  package mutating func input(_ name: String, _ type: TensorType) -> Value {
    leaf(.input(name), type)
  }

  package mutating func parameter(_ name: String, _ shape: Shape) -> Value {
    leaf(.parameter(name), TensorType(.float32, shape))
  }

  package mutating func constant(_ value: Double, _ shape: Shape = []) -> Value {
    constant(value, TensorType(.float32, shape))
  }

  /// The value is rounded to a float type; an integer type must hold it.
  package mutating func constant(_ value: Double, _ type: TensorType) -> Value {
    let nearest = type.number.nearest(value)
    precondition(type.number.isFloat || nearest == value, "\(value) is no \(type.number)")
    return leaf(.constant(nearest), type)
  }

  package mutating func random(stream: Int, _ shape: Shape) -> Value {
    leaf(.random(stream: stream), TensorType(.float32, shape))
  }

  // MARK: Shorthand

  package mutating func add(_ a: Value, _ b: Value) -> Value { emit(.binary(.add), a, b) }
  package mutating func subtract(_ a: Value, _ b: Value) -> Value { emit(.binary(.subtract), a, b) }
  package mutating func multiply(_ a: Value, _ b: Value) -> Value { emit(.binary(.multiply), a, b) }
  package mutating func divide(_ a: Value, _ b: Value) -> Value { emit(.binary(.divide), a, b) }
  package mutating func maximum(_ a: Value, _ b: Value) -> Value { emit(.binary(.maximum), a, b) }

  package mutating func multiply(_ a: Value, by factor: Double) -> Value {
    multiply(a, constant(factor, type(of: a)))
  }

  package mutating func reshape(_ value: Value, _ shape: Shape) -> Value {
    emit(.reshape(shape), value)
  }

  package mutating func broadcast(_ value: Value, _ shape: Shape) -> Value {
    emit(.broadcast(shape), value)
  }

  /// The sum over whole maps of scattered elements is taken of the elements instead.
  package mutating func sum(_ value: Value, axes: [Int]) -> Value {
    if case .poolScatter = instructions[value.index].operation, axes.contains(1), axes.contains(2) {
      return sum(instructions[value.index].operands[1], axes: axes)
    }
    return emit(.reduce(.sum, axes: axes), value)
  }

  /// The sum of all elements, as a scalar.
  package mutating func total(_ value: Value) -> Value {
    let all = sum(value, axes: Array(0..<shape(of: value).rank))
    return reshape(all, [])
  }

  /// A vector along the last axis, repeated over a shape.
  package mutating func broadcast(_ vector: Value, over shape: Shape) -> Value {
    let ones = [Int](repeating: 1, count: shape.rank - 1)
    let aligned = reshape(vector, Shape(ones + [shape[shape.rank - 1]]))
    return broadcast(aligned, shape)
  }

  package mutating func matrixProduct(
    _ a: Value, _ b: Value, transposeLeft: Bool = false, transposeRight: Bool = false
  ) -> Value {
    emit(.matrixProduct(transposeLeft: transposeLeft, transposeRight: transposeRight), a, b)
  }

  /// A maximum with a constant, such as ReLU, is moved behind the pooling: the same numbers from
  /// fewer elements.
  package mutating func maxPool(_ x: Value, _ window: Window) -> Value {
    let before = instructions[x.index]
    if before.operation == .binary(.maximum), let limit = constantValue(before.operands[1]) {
      let pooled = maxPool(before.operands[0], window)
      return maximum(pooled, constant(limit, type(of: pooled)))
    }
    return emit(.maxPool(window), x)
  }
}

extension Operation {
  /// Whether it is one, or a step of it has one.
  fileprivate var hasNegativeZero: Bool {
    switch self {
    case .constant(let value): value == 0 && value.sign == .minus
    case .scan(let scan): scan.body.instructions.contains { $0.operation.hasNegativeZero }
    default: false
    }
  }
}
