internal import Graphs
internal import Kernels

/// The instructions that use each value, dead ones and outputs included.
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
  /// The instruction that computes a value on its way, if all that use the value are part of it:
  /// a chain of elementwise operations runs as one, and contractions and batch normalisations add and
  /// limit.
  func leader(of value: Value, _ readers: Readers) -> Value? {
    let users = readers.instructions[value]
    guard !users.isEmpty, !readers.isOutput[value], isStored(value) else { return nil }
    if let sum = gradientSums[value] { return sum }
    if let user = sampleUser(of: value, users) { return computing(user) }
    // The user is the end of the chain, or on the way to it and so known to be computed there.
    for end in users + users.compactMap({ self.leaders[$0.index] })
    where chains[end]?.contains(value) == true {
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

  /// Elementwise operations, but for those that another chain computes.
  func isFusible(_ value: Value) -> Bool {
    let instruction = program[value]
    guard chains[value] == nil else { return false }
    switch instruction.operation {
    case .unary, .binary, .compare, .select, .convert: return true
    default: return false
    }
  }

  /// Whether an instruction that uses a value reads it element by element.
  private func readsDensely(_ user: Value, _ value: Value) -> Bool {
    let form = elementwise(user)
    return zip(program[user].operands, form.operands).allSatisfy { operand, seen in
      operand != value || seen.isDense(inner: form.inner)
    }
  }

  /// Whether a value can be computed over the same blocks of elements as all that an instruction
  /// leads.
  private func fits(_ value: Value, _ leader: Value) -> Bool {
    guard let own = extents(of: value), let common = extents[leader.index] ?? extents(of: leader)
    else { return true }
    return own == common
  }

  /// The rows and columns over which an instruction and one that it leads run; nil where any suit.
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
      let core = chains[value]?.core ?? value
      guard case .convolution = program[core].operation, takesSamplesInTurn(core),
        users.count == 1, case .maxPool = program[users[0]].operation
      else { return nil }
      return users[0]
    default:
      return nil
    }
  }
}
