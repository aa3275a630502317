internal import Graphs

/// The instructions that use each value, dead ones and outputs included.
struct Readers {
  let instructions: [[Value]]
  let isOutput: [Bool]

  init(_ program: Program) {
    var instructions = [[Value]](repeating: [], count: program.instructions.count)
    for (index, instruction) in program.instructions.enumerated() {
      for operand in instruction.operands where instructions[operand.index].last != Value(index) {
        instructions[operand.index].append(Value(index))
      }
    }
    var isOutput = [Bool](repeating: false, count: program.instructions.count)
    for output in program.outputs { isOutput[output.value.index] = true }
    self.instructions = instructions
    self.isOutput = isOutput
  }
}

extension Analysis {
  /// The instruction that computes a value on its way, if all that use the value are part of it:
  /// a chain of elementwise operations runs as one, a convolution adds its bias, and a batch
  /// normalisation adds and limits.
  func leader(of value: Value, _ readers: Readers) -> Value? {
    let users = readers.instructions[value.index]
    guard !users.isEmpty, !readers.isOutput[value.index], isStored(value) else { return nil }
    if let user = sampleUser(of: value, users) { return user }
    if case .convolution = program[value].operation {
      return addsBias[users[0].index] ? computing(users[0]) : nil
    }
    if let end = users.first(where: { chains[$0.index]?.core == value }) { return end }
    if let end = users.first(where: { chains[$0.index]?.between.contains(value) ?? false }) {
      return end
    }
    guard isFusible(value) else { return nil }
    let leaders = users.map { self.leaders[$0.index] ?? $0 }
    guard let leader = leaders.first, leaders.allSatisfy({ $0 == leader }),
      users.allSatisfy({ isFusible($0) && readsDensely($0, value) }),
      fits(value, with: [leader] + members[leader.index])
    else { return nil }
    return leader
  }

  /// Elementwise operations on real numbers, and the conversion of bytes to them.
  func isFusible(_ value: Value) -> Bool {
    let instruction = program[value]
    guard !addsBias[value.index], chains[value.index] == nil else { return false }
    switch instruction.operation {
    case .unary, .binary: return true
    case .compare, .select:
      return instruction.operands.last.map { program.type(of: $0).number } == .float32
    case .convert(let number):
      return number == .float32 && program.type(of: instruction.operands[0]).number == .uint8
    default: return false
    }
  }

  /// Whether an instruction adds one number for each channel to a convolution that has no other
  /// use.
  static func addsBias(_ value: Value, in program: Program, _ readers: Readers) -> Bool {
    let instruction = program[value]
    guard instruction.operation == .binary(.add),
      case .convolution = program[instruction.operands[0]].operation,
      case .broadcast = program[instruction.operands[1]].operation
    else { return false }
    let (convolution, bias) = (instruction.operands[0], instruction.operands[1])
    let channels = instruction.type.shape[3]
    return readers.instructions[convolution.index].count == 1
      && !readers.isOutput[convolution.index]
      && program.type(of: program[bias].operands[0]).shape == [1, 1, 1, channels]
  }

  /// Whether an instruction that uses a value reads it element by element.
  private func readsDensely(_ user: Value, _ value: Value) -> Bool {
    let form = elementwise(user)
    return zip(program[user].operands, form.operands).allSatisfy { operand, seen in
      operand != value || seen.isDense(inner: form.inner)
    }
  }

  /// Whether instructions can run over the same blocks of elements.
  private func fits(_ value: Value, with others: [Value]) -> Bool {
    let forms = (others + [value]).map { elementwise($0) }.filter { $0.outer != 1 }
    return forms.allSatisfy { $0.outer == forms[0].outer && $0.inner == forms[0].inner }
  }

  /// The pooling that alone reads a convolution, or the filter gradient that alone reads a scattered
  /// map, where both can take sample after sample.
  private func sampleUser(of value: Value, _ users: [Value]) -> Value? {
    switch program[value].operation {
    case .poolScatter:
      guard users.count == 1, case .convolutionFilterGradient = program[users[0]].operation,
        program[users[0]].operands[0] != value, takesSamplesInTurn(users[0])
      else { return nil }
      return users[0]
    case .convolution, .binary(.add):
      let core = addsBias[value.index] ? program[value].operands[0] : value
      guard case .convolution = program[core].operation, takesSamplesInTurn(core),
        case .poolArgmax(let window) = program[users[0]].operation
      else { return nil }
      let gathers = users.dropFirst().allSatisfy {
        program[$0].operation == .poolGather(window) && program[$0].operands == [users[0], value]
      }
      return gathers ? users[0] : nil
    default:
      return nil
    }
  }
}
