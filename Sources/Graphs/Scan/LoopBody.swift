/// A step of a loop while the loop is written: what does not depend on a carry leaves it.
struct LoopBody {
  private let body: Builder
  private let carries: Int
  private(set) var sequences: [Value]
  private(set) var constants: [Value]
  private let axis: Int
  private let steps: Int

  /// Values of the body that are computed outside, by the value there: constants, and items as
  /// rows of all steps.
  private var outsideConstants: [Value: Value] = [:]
  private var outsideRows: [Value: Value] = [:]
  private var sequenceRows: [Value: Value] = [:]
  /// Those that the body gets from outside, in the order of new operands.
  private var newSequences: [New] = []
  private var newConstants: [New] = []
  private enum New {
    case value(Value)
    /// The table or the indices of a value whose rows each step gathers.
    case gather(Value)
  }

  private let firstSequences: Int
  private let firstConstants: Int

  init(
    _ body: Builder, carries: Int, sequences: [Value], constants: [Value], axis: Int, steps: Int
  ) {
    self.body = body
    self.carries = carries
    self.sequences = sequences
    self.constants = constants
    self.axis = axis
    self.steps = steps
    (firstSequences, firstConstants) = (sequences.count, constants.count)
  }

  private var leafCount: Int { carries + firstSequences + firstConstants }

  /// Moves out what does not depend on a carry.
  ///
  /// Operations on constants move, and products of items with constants with what is added to
  /// them. Nothing else that makes a value larger leaves the loop.
  ///
  /// Returns the outputs that remain.
  mutating func hoist(_ outputs: [Value], in outside: inout Builder) -> [Value] {
    for (place, constant) in constants.enumerated() {
      outsideConstants[Value(carries + firstSequences + place)] = constant
    }
    var moved: Set<Value> = []
    for (index, instruction) in body.instructions.enumerated().dropFirst(leafCount) {
      let value = Value(index)
      if let constant = constant(instruction, in: &outside) {
        outsideConstants[value] = constant
        moved.insert(value)
      } else if let rows = rows(instruction, in: &outside) {
        outsideRows[value] = rows
        moved.insert(value)
      }
    }
    // The loop gets those values that it still reads.
    var read = Set(outputs)
    for index in body.instructions.indices.reversed() where index >= leafCount {
      guard !moved.contains(Value(index)) else { continue }
      let results = body.instructions[index].types.indices.map { Value(index, result: $0) }
      if results.contains(where: read.contains) {
        read.formUnion(body.instructions[index].operands)
      }
    }
    for value in moved.sorted(by: { $0.index < $1.index }) where read.contains(value) {
      if let constant = outsideConstants[value] {
        newConstants.append(.value(value))
        constants.append(constant)
      } else if let rows = outsideRows[value] {
        if let (table, indices) = outside.smallTable(of: rows) {
          // Its rows are fewer than those of all steps, so each step gathers its own.
          newConstants.append(.gather(value))
          newSequences.append(.gather(value))
          constants.append(table)
          let samples = body.shape(of: value)[0]
          let shape: Shape = axis == 0 ? [steps, samples] : [samples, steps]
          sequences.append(outside.reshape(indices, shape))
        } else {
          newSequences.append(.value(value))
          let shape = body.shape(of: value).inserting(steps, at: axis)
          sequences.append(outside.reshape(rows, shape))
        }
      }
    }
    return outputs
  }

  /// An operation on constants that makes nothing larger.
  private func constant(_ instruction: Instruction, in outside: inout Builder) -> Value? {
    let operands = instruction.operands.compactMap { outsideConstants[$0] }
    guard !operands.isEmpty, operands.count == instruction.operands.count,
      instruction.types.count == 1,
      instruction.type.count <= operands.reduce(0, { max($0, outside.type(of: $1).count) })
    else { return nil }
    return outside.emit(instruction.operation, operands)
  }

  /// A product of items with a constant, or a sum with one, for all steps.
  private mutating func rows(_ instruction: Instruction, in outside: inout Builder) -> Value? {
    let operands = instruction.operands
    switch instruction.operation {
    case .matrixProduct(transposeLeft: false, let transposeRight):
      guard instruction.type.shape.rank == 2, let right = outsideConstants[operands[1]],
        let left = rows(of: operands[0], in: &outside)
      else { return nil }
      return outside.matrixProduct(left, right, transposeRight: transposeRight)
    case .binary(.add):
      let (first, second) = (outsideRows[operands[0]], outsideRows[operands[1]])
      if let first, let second { return outside.add(first, second) }
      if let first, let bias = bias(operands[1], in: &outside) { return outside.add(first, bias) }
      if let second, let bias = bias(operands[0], in: &outside) { return outside.add(bias, second) }
      return nil
    default:
      return nil
    }
  }

  /// The rows of all steps of a sequence, or of what was computed outside.
  private mutating func rows(of value: Value, in outside: inout Builder) -> Value? {
    if let rows = outsideRows[value] ?? sequenceRows[value] { return rows }
    let place = value.index - carries
    guard (0..<firstSequences).contains(place), axis <= 1, body.shape(of: value).rank == 2
    else { return nil }
    let shape = body.shape(of: value)
    let rows = outside.reshape(sequences[place], [steps * shape[0], shape[1]])
    sequenceRows[value] = rows
    return rows
  }

  /// A row of constants, repeated over the rows of all steps.
  private func bias(_ value: Value, in outside: inout Builder) -> Value? {
    // A row for one sample is no broadcast.
    if let row = outsideConstants[value], outside.shape(of: row).rank == 2,
      outside.shape(of: row)[0] == 1
    {
      return outside.broadcast(row, [steps, outside.shape(of: row)[1]])
    }
    let instruction = body.instructions[value.index]
    guard case .broadcast(let shape) = instruction.operation, shape.rank == 2,
      let row = outsideConstants[instruction.operands[0]], outside.shape(of: row)[0] == 1
    else { return nil }
    return outside.broadcast(row, [steps * shape[0], shape[1]])
  }

  /// The step as it remains; `types` are those of the loop's operands.
  func program(_ outputs: [Value], _ types: [TensorType]) -> Program {
    var rest = Builder()
    var places = ValueTable<Value?>(body.instructions, repeating: nil)
    let old = (0..<leafCount).map { New.value(Value($0)) }
    let split = carries + firstSequences
    let leaves = old[..<split] + newSequences + old[split...] + newConstants
    var gathers: [Value: [Value]] = [:]
    for (place, leaf) in leaves.enumerated() {
      let name = Scan.inputName(place, carries: carries, sequences: sequences.count)
      switch leaf {
      case .value(let value): places[value] = rest.input(name, body.type(of: value))
      case .gather(let value):
        let isIndices = place < carries + sequences.count
        let type =
          isIndices ? TensorType(.int32, [body.shape(of: value)[0]]) : types[place]
        gathers[value, default: []].append(rest.input(name, type))
      }
    }
    for (value, operands) in gathers.sorted(by: { $0.key.index < $1.key.index }) {
      places[value] = rest.emit(.gather, operands[1], operands[0])
    }
    for (index, instruction) in body.instructions.enumerated() where places[Value(index)] == nil {
      rest.author = body.provenance.authors[index]
      let operands = instruction.operands.compactMap { places[$0] }
      let made = rest.emit(instruction, operands: operands)
      for (result, value) in made.enumerated() { places[Value(index, result: result)] = value }
    }
    rest.provenance.steps = body.provenance.steps.compactMap { $0.moved { places[$0] } }
    let made = outputs.compactMap { places[$0] }
    return Program(
      of: Scan.outputs(Array(made[..<carries]), Array(made[carries...])), in: rest.instructions,
      rest.provenance, keeping: Set(leaves.indices))
  }
}
