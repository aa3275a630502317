internal import Graphs

/// What a plan must know of a program before the first step is written: which values need memory,
/// who reads them last, and what is computed together.
struct Analysis {
  let program: Program
  /// The last instruction that reads a value's memory; the end for outputs but gradients, which are
  /// fetched where they are made; -1 if nothing reads it.
  private(set) var lastRead: ValueTable<Int>
  private var stored: ValueTable<Bool>
  /// The instruction that another is computed with, by the number of the other, whose first result
  /// then has no memory of its own.
  private(set) var leaders: [Value?]
  /// The instructions that one computes on its way, in order, by its number.
  private(set) var members: [[Value]]
  /// The rows and columns over which the elementwise operations that an instruction leads run, by
  /// its number; none where any suit.
  private(set) var extents: [Int: (outer: Int, inner: Int)] = [:]
  /// Counts what is looked at.
  let work = Work()
  /// The normalisations and contractions that end in an instruction other than themselves.
  let chains: Chains
  /// The products whose sum is a gradient that is written where it belongs, or added to it, by the
  /// instruction that does it; and that instruction by those on the way.
  private(set) var gradientProducts: [Value: [Value]] = [:]
  private(set) var gradientSums: [Value: Value] = [:]
  let contractions: any Contractions

  init(_ program: Program, _ contractions: any Contractions) {
    self.contractions = contractions
    self.program = program
    let count = program.instructions.count
    lastRead = ValueTable(program.instructions, repeating: -1)
    stored = ValueTable(program.instructions, repeating: false)
    leaders = Array(repeating: nil, count: count)
    members = Array(repeating: [], count: count)
    let readers = Readers(program)
    chains = Chains(program, readers, contractions)
    for output in program.outputs {
      let root = root(output.value)
      read(root, at: output.name.hasPrefix(gradientPrefix) ? root.index : count)
    }
    if contractions is any GradientContractions { findGradientSums(readers) }
    // Backwards, so that an instruction nothing reads does not keep its operands, and that all
    // readers of a value are known when it is decided where it is computed.
    for index in program.instructions.indices.reversed() {
      let value = Value(index)
      if let leader = leader(of: value, readers) {
        leaders[index] = leader
        members[leader.index].append(value)
        if isFusible(value) { extents[leader.index] = commonExtents(value, leader) }
        stored[value] = false
        lastRead[value] = -1
        for operand in reads(value) { read(operand, at: leader.index) }
      } else if isComputed(index) {
        for operand in reads(value) { read(operand, at: index) }
      }
    }
    for index in members.indices { members[index].reverse() }
  }

  /// Finds the gradients that are sums of products, or a product, that nobody else reads.
  ///
  /// A place that is added to does not hold the value itself.
  private mutating func findGradientSums(_ readers: Readers) {
    var outputCounts: [Value: Int] = [:]
    for output in program.outputs { outputCounts[root(output.value), default: 0] += 1 }
    for output in program.outputs where output.name.hasPrefix(gradientPrefix) {
      let root = root(output.value)
      guard !isRead(root, readers), outputCounts[root] == 1 else { continue }
      var between: [Value] = []
      guard let products = products(addedIn: root, readers, &between) else { continue }
      gradientProducts[root] = products
      for value in between { gradientSums[value] = root }
    }
  }

  /// Whether an instruction reads a value, by itself or reshaped.
  private func isRead(_ value: Value, _ readers: Readers) -> Bool {
    readers.instructions[value].contains { user in
      root(user) == user || isRead(user, readers)
    }
  }

  /// The products that a value adds up in turn, with all values on the way to it; nil if there is anything
  /// else, or somebody else reads one of them.
  private func products(
    addedIn value: Value, _ readers: Readers, _ between: inout [Value]
  ) -> [Value]? {
    guard program.type(of: value).shape.rank == 2 else { return nil }
    switch program[value].operation {
    case .matrixProduct:
      return [value]
    case .binary(.add):
      let operands = program[value].operands
      guard operands[0] != operands[1], operands.allSatisfy({ readers.isUsedOnce($0) }) else {
        return nil
      }
      between += operands
      guard var first = products(addedIn: operands[0], readers, &between),
        var second = products(addedIn: operands[1], readers, &between)
      else { return nil }
      // In turn means one by one: a sum of two sums has another order.
      if second.count > 1 { swap(&first, &second) }
      guard second.count == 1 else { return nil }
      first.append(second[0])
      return first
    default:
      return nil
    }
  }

  private mutating func read(_ value: Value, at time: Int) {
    stored[value] = true
    lastRead[value] = max(lastRead[value], time)
  }

  /// The instruction at whose time a value is computed.
  func computing(_ value: Value) -> Value { leaders[value.index] ?? Value(value.index) }

  /// Whether a value has memory of its own: one that nobody reads has none.
  func isStored(_ value: Value) -> Bool { stored[value] }

  /// Whether an instruction is computed at its time, for somebody who reads one of its results.
  func isComputed(_ index: Int) -> Bool {
    leaders[index] == nil && program.results(of: index).contains { stored[$0] }
  }

  func isInput(_ value: Value) -> Bool {
    if case .input = program[value].operation { true } else { false }
  }

  /// The value whose memory this one is: a reshape is its operand.
  func root(_ value: Value) -> Value {
    work.visits += 1
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
      return instruction.read.map(root)
    }
  }
}
