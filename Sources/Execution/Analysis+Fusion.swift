internal import Graphs
internal import Kernels

/// The instructions that read each value, unread ones included, and which values are outputs.
struct Readers {
  let instructions: ValueTable<[Value]>
  let isOutput: ValueTable<Bool>

  init(_ program: Program) {
    var instructions = ValueTable<[Value]>(program.instructions, repeating: [])
    for (index, instruction) in program.instructions.enumerated() {
      for operand in instruction.read where instructions[operand].last != Value(index) {
        instructions[operand].append(Value(index))
      }
    }
    var isOutput = ValueTable(program.instructions, repeating: false)
    for output in program.outputs { isOutput[output.value] = true }
    self.instructions = instructions
    self.isOutput = isOutput
  }

  func isUsedOnce(_ value: Value) -> Bool {
    instructions[value].count == 1 && !isOutput[value]
  }
}

extension Analysis {
  /// The instruction whose kernel call computes a value before itself; nil if the value has its
  /// own.
  ///
  /// All readers of the value must be part of that call: an elementwise group, an epilogue, a
  /// gradient sum or a pooling.
  func leader(of value: Value, _ readers: Readers) -> Value? {
    let users = readers.instructions[value]
    guard !users.isEmpty, !readers.isOutput[value], isStored(value) else { return nil }
    if let sum = gradientSums[value] { return sum }
    if let user = sampleUser(of: value, users) { return computing(user) }
    // The user ends the epilogue, or is part of it and so has its end as leader.
    for end in users + users.compactMap({ self.leaders[$0.index] })
    where epilogues[end]?.contains(value) == true {
      return computing(end)
    }
    guard isFusible(value) else { return nil }
    let leaders = users.map { self.leaders[$0.index] ?? $0 }
    guard let leader = leaders.first, leaders.allSatisfy({ $0 == leader }),
      users.allSatisfy({ isFusible($0) && readsDensely($0, value) }),
      fits(value, leader)
    else { return nil }
    return leader
  }

  /// Whether an instruction is elementwise and ends no epilogue.
  func isFusible(_ value: Value) -> Bool {
    let instruction = program[value]
    guard epilogues[value] == nil else { return false }
    switch instruction.operation {
    case .unary, .binary, .compare, .select, .convert: return true
    default: return false
    }
  }

  /// Whether an instruction reads a value element by element, without broadcasting it.
  private func readsDensely(_ user: Value, _ value: Value) -> Bool {
    let form = elementwise(user)
    return zip(program[user].operands, form.operands).allSatisfy { operand, seen in
      operand != value || seen.isDense(inner: form.inner)
    }
  }

  /// Whether a value can be computed over the same blocks of elements as the members of a leader.
  private func fits(_ value: Value, _ leader: Value) -> Bool {
    guard let own = extents(of: value), let common = extents[leader.index] ?? extents(of: leader)
    else { return true }
    return own == common
  }

  /// The rows and columns of a leader and a member; nil if any are possible.
  func commonExtents(_ value: Value, _ leader: Value) -> (outer: Int, inner: Int)? {
    extents(of: value) ?? extents[leader.index] ?? extents(of: leader)
  }

  private func extents(of value: Value) -> (outer: Int, inner: Int)? {
    let form = elementwise(value)
    return form.outer == 1 ? nil : (form.outer, form.inner)
  }

  private func takesSamplesInTurn(_ value: Value) -> Bool {
    (contractions as? any SampleContractions)?.takesSamplesInTurn(
      ConvolutionShape(of: value, in: program)) ?? false
  }

  /// The pooling that is the only reader of a convolution, or the filter gradient that is the only
  /// reader of a scattered map, if both can take one sample after the other.
  private func sampleUser(of value: Value, _ users: [Value]) -> Value? {
    switch program[value].operation {
    case .poolScatter:
      guard users.count == 1, case .convolutionFilterGradient = program[users[0]].operation,
        program[users[0]].operands[0] != value, takesSamplesInTurn(users[0])
      else { return nil }
      return users[0]
    case .convolution, .binary(.add):
      let core = epilogues[value]?.core ?? value
      guard case .convolution = program[core].operation, takesSamplesInTurn(core),
        users.count == 1, case .maxPool = program[users[0]].operation
      else { return nil }
      return users[0]
    default:
      return nil
    }
  }
}
