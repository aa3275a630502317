internal import Graphs

/// A batch normalisation, a contraction or a max-pooling, with what is done to its result before it
/// is written.
struct Epilogue {
  /// The instruction, by its first result.
  let core: Value
  /// What is added to the result: a value of the same shape to a normalisation, a bias for each
  /// channel to a contraction, either of them to a product.
  var addend: Value?
  /// Whether ReLU follows; NaN passes through.
  var appliesReLU = false
  /// The instructions between the core and the last one.
  var between: [Value] = []

  func contains(_ value: Value) -> Bool { value == core || between.contains(value) }
}

/// The epilogues of a program, by the last instruction of each.
///
/// All results of a core are written at the time of that instruction, so no earlier instruction may
/// read one of them.
struct Epilogues {
  private let program: Program
  private let readers: Readers
  private let contractions: any Contractions
  private var epilogues: [Epilogue?] = []

  init(_ program: Program, _ readers: Readers, _ contractions: any Contractions) {
    self.program = program
    self.readers = readers
    self.contractions = contractions
    epilogues = program.instructions.indices.map { epilogue(endingAt: Value($0)) }
    // One inside another is part of that.
    for index in epilogues.indices {
      for inner in epilogues[index]?.between ?? [] { epilogues[inner.index] = nil }
    }
  }

  subscript(value: Value) -> Epilogue? { epilogues[value.index] }

  /// The epilogue whose last instruction this is: it adds to a core that has no other reader, or
  /// applies ReLU, or both.
  private func epilogue(endingAt value: Value) -> Epilogue? {
    let operands = program[value].operands
    switch program[value].operation {
    case .binary(.add):
      for (core, addend) in [(operands[0], operands[1]), (operands[1], operands[0])]
      where core != addend && isCore(core, endingAt: value) {
        if let found = self.addend(addend, to: core) {
          // Rows of a table that nothing else reads are read where they are.
          let isGathered =
            found == addend && program[addend].operation == .gather && readers.isUsedOnce(addend)
          return Epilogue(core: core, addend: found, between: isGathered ? [addend] : [])
        }
      }
      return nil
    case .binary(.maximum):
      guard program[operands[1]].operation == .constant(0), readers.isUsedOnce(operands[0]) else {
        return nil
      }
      if canApplyReLU(operands[0]) {
        return isCore(operands[0], endingAt: value)
          ? Epilogue(core: operands[0], appliesReLU: true) : nil
      }
      guard var epilogue = epilogue(endingAt: operands[0]), !epilogue.appliesReLU,
        canApplyReLU(epilogue.core), isCore(epilogue.core, endingAt: value)
      else { return nil }
      epilogue.appliesReLU = true
      epilogue.between.append(operands[0])
      return epilogue
    default:
      return nil
    }
  }

  /// Whether a result has one reader, and the others of its instruction none before `end`.
  private func isCore(_ value: Value, endingAt end: Value) -> Bool {
    value.result == 0 && readers.isUsedOnce(value)
      && program.results(of: value.index).dropFirst().allSatisfy { other in
        readers.instructions[other].allSatisfy { $0.index > end.index }
      }
  }

  private func canApplyReLU(_ core: Value) -> Bool {
    switch program[core].operation {
    case .composite(.batchNorm), .maxPool: return true
    default: return contractions.epilogue(of: core, in: program).hasReLU
    }
  }

  /// The value that is read to be added to a core; nil if that is no core, or cannot add it.
  private func addend(_ value: Value, to core: Value) -> Value? {
    let operation = program[value].operation
    if case .composite(.batchNorm) = program[core].operation {
      // A broadcast or a constant has no memory of its own to be read.
      switch operation {
      case .broadcast, .constant: return nil
      default: return value
      }
    }
    let support = contractions.epilogue(of: core, in: program)
    guard case .broadcast = operation, support != .none else {
      if case .constant = operation { return nil }
      return support == .addendAndReLU ? value : nil
    }
    let vector = program[value].operands[0]
    let shape = program.type(of: vector).shape
    let channels = program.type(of: core).shape.extents.last
    return shape.extents.last == channels && shape.count == channels ? vector : nil
  }
}
