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
    if isBody, isFusible(value) {
      return epilogueEnd(of: value, users) ?? bodyLeader(of: value, users, readers)
    }
    guard !users.isEmpty, !readers.isOutput[value], isStored(value) else { return nil }
    if let sum = gradientSums[value] { return sum }
    if let user = sampleUser(of: value, users) { return computing(user) }
    if let end = epilogueEnd(of: value, users) { return end }
    guard isFusible(value) else { return nil }
    let leaders = users.map { self.leaders[$0.index] ?? $0 }
    guard let leader = leaders.first, leaders.allSatisfy({ $0 == leader }),
      epilogues[leader] == nil, users.allSatisfy({ isFusible($0) && readsDensely($0, value) }),
      fits(value, leader)
    else { return nil }
    return leader
  }

  /// What computes the epilogue that a value is part of: a user ends it, or has its end as leader.
  private func epilogueEnd(of value: Value, _ users: [Value]) -> Value? {
    (users + users.compactMap { leaders[$0.index] }).first {
      epilogues[$0]?.contains(value) == true
    }.map(computing)
  }

  /// The first call that reads a value in the body of a loop, if it can compute it: other calls then
  /// find it in memory.
  private func bodyLeader(of value: Value, _ users: [Value], _ readers: Readers) -> Value? {
    if users.isEmpty { return lastLeader(beside: value) }
    guard isStored(value), let leader = users.map(computing).min(by: { $0.index < $1.index }),
      epilogues[leader] == nil
    else { return nil }
    let inside = users.filter { computing($0) == leader }
    guard fits(value, leader),
      inside.allSatisfy({ user in
        collects(user, readers) || (isFusible(user) && readsDensely(user, value))
      })
    else { return nil }
    return leader
  }

  /// The next call of a loop's body that can compute a value which only later steps read.
  private func lastLeader(beside value: Value) -> Value? {
    guard isStored(value) else { return nil }
    let count = program.type(of: value).count
    return (value.index + 1..<program.instructions.count).lazy.map { Value($0) }.first { other in
      guard leaders[other.index] == nil, isComputed(other.index) else { return false }
      if case .concatenate = program[other].operation {
        guard !members[other.index].isEmpty, let common = extents[other.index] else { return false }
        return common.outer * common.inner == count && fits(value, other)
      }
      return isFusible(other) && program.type(of: other).count == count && fits(value, other)
    }
  }

  /// Whether another call than the leader's reads a value.
  func isReadOutside(_ value: Value, _ leader: Value, _ readers: Readers) -> Bool {
    readers.isOutput[value] || readers.instructions[value].contains { computing($0) != leader }
  }

  /// Whether parts of rows that elementwise operations compute are written where they are joined.
  func collects(_ value: Value, _ readers: Readers) -> Bool {
    guard isBody, case .concatenate(let axis) = program[value].operation else { return false }
    let parts = program[value].operands
    return Set(parts).count == parts.count
      && parts.allSatisfy { part in
        program.type(of: part) == program.type(of: parts[0]) && isFusible(part)
          && readers.isUsedOnce(part) && fits(part, rows(of: program.type(of: part).shape, axis))
      }
  }

  /// A shape as rows that are joined along an axis.
  private func rows(of shape: Shape, _ axis: Int) -> (outer: Int, inner: Int) {
    let outer = shape.extents[..<axis].reduce(1, *)
    return (outer, shape.count / outer)
  }

  /// Whether an instruction is elementwise and ends no epilogue.
  func isFusible(_ value: Value) -> Bool {
    let instruction = program[value]
    guard epilogues[value] == nil else { return false }
    return instruction.operation.isElementwise
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
    guard let common = extents[leader.index] ?? extents(of: leader) else { return true }
    return fits(value, common)
  }

  private func fits(_ value: Value, _ common: (outer: Int, inner: Int)) -> Bool {
    extents(of: value).map { $0 == common } ?? true
  }

  /// The rows and columns of a leader and a member; nil if any are possible.
  func commonExtents(_ value: Value, _ leader: Value) -> (outer: Int, inner: Int)? {
    extents(of: value) ?? extents[leader.index] ?? extents(of: leader)
  }

  private func extents(of value: Value) -> (outer: Int, inner: Int)? {
    if case .concatenate(let axis) = program[value].operation {
      return rows(of: program.type(of: program[value].operands[0]).shape, axis)
    }
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
