internal import Graphs

/// What a plan must know of a program before the first step is written: which values need memory,
/// who reads them last, and how elementwise operations see their operands.
struct Analysis {
  private let program: Program
  private var stored: [Bool]
  /// The last instruction that reads a value; the end for outputs; -1 if nothing does.
  private(set) var lastRead: [Int]

  init(_ program: Program) {
    self.program = program
    stored = Array(repeating: false, count: program.instructions.count)
    lastRead = Array(repeating: -1, count: program.instructions.count)
    for output in program.outputs { read(root(output.value), at: program.instructions.count) }
    // Backwards, so that an instruction nothing reads does not keep its operands.
    for index in program.instructions.indices.reversed() where stored[index] {
      for operand in reads(Value(index)) { read(operand, at: index) }
    }
  }

  private mutating func read(_ value: Value, at time: Int) {
    stored[value.index] = true
    lastRead[value.index] = max(lastRead[value.index], time)
  }

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

  // MARK: Elementwise operations

  /// An operand as an elementwise kernel sees it.
  struct Operand {
    /// The value that is read; nil for a constant.
    let source: Value?
    let constant: Float
    let outerStride: Int
    let innerStride: Int
  }

  /// The result of an elementwise operation as `outer * inner` elements.
  struct Elementwise {
    var outer: Int
    var inner: Int
    var operands: [Operand]
  }

  /// Constants and broadcasts along leading or trailing axes are read where they are; a broadcast
  /// that does not fit the others is read as its written-out self.
  func elementwise(_ value: Value) -> Elementwise {
    let instruction = program[value]
    let count = instruction.type.count
    var split: (outer: Int, inner: Int)?
    var forms: [Repetition?] = []
    for operand in instruction.operands {
      // A mask is bytes, which kernels read one by one.
      var form = program.type(of: operand).number == .float32 ? repetition(operand) : nil
      if let found = form, found.inner != 1 || found.outer != 1 {
        if split == nil { split = (found.outer, found.inner) }
        if let split, split != (found.outer, found.inner) { form = nil }
      }
      forms.append(form)
    }
    let (outer, inner) = split ?? (1, count)
    let operands = zip(instruction.operands, forms).map { operand, form in
      if case .constant(let number) = program[operand].operation {
        return Operand(source: nil, constant: Float(number), outerStride: 0, innerStride: 0)
      }
      guard let form else {
        return Operand(source: root(operand), constant: 0, outerStride: inner, innerStride: 1)
      }
      return Operand(
        source: root(form.source), constant: 0, outerStride: form.alongOuter ? 1 : 0,
        innerStride: form.alongInner ? 1 : 0)
    }
    return Elementwise(outer: outer, inner: inner, operands: operands)
  }

  /// A broadcast that repeats a vector along leading axes, or each of its elements along trailing
  /// ones.
  private struct Repetition {
    let source: Value
    let outer: Int
    let inner: Int
    let alongOuter: Bool
    let alongInner: Bool
  }

  private func repetition(_ value: Value) -> Repetition? {
    let instruction = program[value]
    guard case .broadcast(let shape) = instruction.operation else { return nil }
    let from = program.type(of: instruction.operands[0]).shape
    let source = instruction.operands[0]
    if from.count == 1 {
      return Repetition(source: source, outer: 1, inner: 1, alongOuter: false, alongInner: false)
    }
    let repeated = (0..<shape.rank).filter { from[$0] != shape[$0] }
    guard let first = repeated.first, let last = repeated.last else { return nil }
    let before = shape.extents[..<first].reduce(1, *)
    let after = shape.extents[(last + 1)...].reduce(1, *)
    let between = shape.extents[first...last].reduce(1, *)
    if from.extents[first...last].contains(where: { $0 != 1 }) { return nil }
    if before == 1 {
      return Repetition(
        source: source, outer: between, inner: after, alongOuter: false, alongInner: true)
    }
    if after == 1 {
      return Repetition(
        source: source, outer: before, inner: between, alongOuter: true, alongInner: false)
    }
    return nil
  }
}
