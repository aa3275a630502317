internal import Graphs

/// The facts about a program that planning needs: which values have memory, which instruction reads
/// each last, and which instructions are one kernel call.
struct Analysis {
  let program: Program
  /// The last instruction that reads a value's memory; the end for outputs, but not for gradients,
  /// which are copied at once; -1 if there is none.
  private(set) var lastRead: ValueTable<Int>
  private var stored: ValueTable<Bool>
  /// The leader of each instruction that is computed by the kernel call of another: then its first
  /// result has no memory.
  private(set) var leaders: [Value?]
  /// The instructions that each leader computes before itself, in order.
  private(set) var members: [[Value]]
  /// The rows and columns of the elementwise operations of each leader; none if any are possible.
  private(set) var extents: [Int: (outer: Int, inner: Int)] = [:]
  let work = Work()
  let epilogues: Epilogues
  /// The products whose sum is a gradient that its kernel writes or adds to the gradient vector, by
  /// the instruction that completes the sum.
  private(set) var gradientProducts: [Value: [Value]] = [:]
  /// That instruction, by each of the instructions that it adds.
  private(set) var gradientSums: [Value: Value] = [:]
  let contractions: any Contractions
  /// Whether the program is the body of a loop: there a group of elementwise operations may have
  /// several results, read parts of rows and write them.
  let isBody: Bool

  init(_ program: Program, _ contractions: any Contractions, isBody: Bool = false) {
    self.isBody = isBody
    self.contractions = contractions
    self.program = program
    let count = program.instructions.count
    lastRead = ValueTable(program.instructions, repeating: -1)
    stored = ValueTable(program.instructions, repeating: false)
    leaders = Array(repeating: nil, count: count)
    members = Array(repeating: [], count: count)
    let readers = Readers(program)
    epilogues = Epilogues(program, readers, contractions)
    for output in program.outputs {
      let root = root(output.value)
      read(root, at: output.name.hasPrefix(gradientPrefix) ? root.index : count)
    }
    if contractions is any GradientContractions { findGradientSums(readers) }
    // Backwards: then unread instructions keep no operands alive, and all readers of a value are
    // known when its leader is chosen.
    for index in program.instructions.indices.reversed() {
      let value = Value(index)
      if let leader = leader(of: value, readers) {
        leaders[index] = leader
        members[leader.index].append(value)
        if isFusible(value) { extents[leader.index] = commonExtents(value, leader) }
        if !isReadOutside(value, leader, readers) {
          stored[value] = false
          lastRead[value] = -1
        }
        for operand in reads(value) { read(operand, at: leader.index) }
      } else if isComputed(index) {
        for operand in reads(value) { read(operand, at: index) }
      }
    }
    for index in members.indices { members[index].reverse() }
  }

  /// Finds the gradients that are a product or a sum of products without other readers.
  ///
  /// Other readers would find the sum over the shards there, not the value.
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

  /// Whether an instruction reads a value or a reshape of it.
  private func isRead(_ value: Value, _ readers: Readers) -> Bool {
    readers.instructions[value].contains { user in
      root(user) == user || isRead(user, readers)
    }
  }

  /// The products that a value adds one by one, and all values in between; nil if there is another
  /// operation, or one of them has another reader.
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
      // A sum of two sums has another order of additions.
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

  /// The instruction whose kernel call computes a value.
  func computing(_ value: Value) -> Value { leaders[value.index] ?? Value(value.index) }

  /// Whether a value has memory: one without readers has none.
  func isStored(_ value: Value) -> Bool { stored[value] }

  /// Whether an instruction has a kernel call: it has no leader, and one of its results is read.
  func isComputed(_ index: Int) -> Bool {
    leaders[index] == nil && program.results(of: index).contains { stored[$0] }
  }

  func isInput(_ value: Value) -> Bool {
    if case .input = program[value].operation { true } else { false }
  }

  /// The value whose memory holds this one: a reshape has that of its operand.
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
    case .unary where isBody, .convert where isBody:
      return elementwise(value).operands.compactMap(\.source)
    default:
      return instruction.read.map(root)
    }
  }
}

/// Counts visits to instructions while a plan is made, so that tests see how planning scales.
final class Work {
  var visits = 0
}
