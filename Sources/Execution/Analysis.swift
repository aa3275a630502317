internal import Graphs

/// What a plan must know of a program before the first step is written: which values need memory,
/// who reads them last, and what is computed together.
struct Analysis {
  let program: Program
  /// The last instruction that reads a value's memory; the end for outputs but gradients, which are
  /// fetched where they are made; -1 if nothing reads it.
  private(set) var lastRead: [Int]
  private var stored: [Bool]
  /// The instruction that a value is computed with, without memory of its own.
  private(set) var leaders: [Value?]
  /// The values that an instruction computes on its way, in order.
  private(set) var members: [[Value]]
  /// The normalisations and contractions that end in an instruction other than themselves.
  let chains: Chains
  let contractions: any Contractions

  init(_ program: Program, _ contractions: any Contractions) {
    self.contractions = contractions
    self.program = program
    let count = program.instructions.count
    lastRead = Array(repeating: -1, count: count)
    stored = Array(repeating: false, count: count)
    leaders = Array(repeating: nil, count: count)
    members = Array(repeating: [], count: count)
    let readers = Readers(program)
    chains = Chains(program, readers, contractions)
    for output in program.outputs {
      let root = root(output.value)
      read(root, at: output.name.hasPrefix(gradientPrefix) ? root.index : count)
    }
    // Backwards, so that an instruction nothing reads does not keep its operands, and that all
    // readers of a value are known when it is decided where it is computed.
    for index in program.instructions.indices.reversed() {
      let value = Value(index)
      if let leader = leader(of: value, readers) {
        leaders[index] = leader
        members[leader.index].insert(value, at: 0)
        stored[index] = false
        lastRead[index] = -1
        for operand in reads(value) { read(operand, at: leader.index) }
      } else if stored[index] {
        for operand in reads(value) { read(operand, at: index) }
      }
    }
  }

  private mutating func read(_ value: Value, at time: Int) {
    stored[value.index] = true
    lastRead[value.index] = max(lastRead[value.index], time)
  }

  /// The instruction at whose time a value is computed.
  func computing(_ value: Value) -> Value { leaders[value.index] ?? value }

  /// Whether an instruction reads a value's memory after it was made.
  func isReadLater(_ value: Value) -> Bool { lastRead[value.index] > value.index }

  /// Whether a value has memory of its own.
  func isStored(_ value: Value) -> Bool { stored[value.index] }

  func isInput(_ value: Value) -> Bool {
    if case .input = program[value].operation { true } else { false }
  }

  /// The value whose memory this one is: a reshape is its operand.
  func root(_ value: Value) -> Value {
    if case .reshape = program[value].operation { return root(program[value].operands[0]) }
    return value
  }

  /// The values whose memory an instruction reads.
  private func reads(_ value: Value) -> [Value] {
    let instruction = program[value]
    switch instruction.operation {
    case .binary, .compare, .select:
      return elementwise(value).operands.compactMap(\.source)
    default:
      return instruction.operands.map(root)
    }
  }
}
