internal import Graphs

/// A batch normalisation, a contraction or the maxima of a pooling with what follows in the same pass.
struct Chain {
  let core: Value
  /// What is added to its result: as many elements to a normalisation, one for each channel to a
  /// contraction.
  var addend: Value?
  /// Whether what is not above 0 becomes 0.
  var isLimited = false
  /// The instructions between the core and the one that ends the chain.
  var between: [Value] = []

  /// Whether a value is computed on the way to the end.
  func contains(_ value: Value) -> Bool { value == core || between.contains(value) }
}

/// The chains of a program by the instruction that ends them; one inside another is part of that.
///
/// All results of a core are written when the chain ends, so nobody may read another one before.
struct Chains {
  private let program: Program
  private let readers: Readers
  private let contractions: any Contractions
  private var chains: [Chain?] = []

  init(_ program: Program, _ readers: Readers, _ contractions: any Contractions) {
    self.program = program
    self.readers = readers
    self.contractions = contractions
    chains = program.instructions.indices.map { chain(endingAt: Value($0)) }
    for index in chains.indices {
      for inner in chains[index]?.between ?? [] { chains[inner.index] = nil }
    }
  }

  subscript(value: Value) -> Chain? { chains[value.index] }

  /// The chain that an instruction ends, if it adds to a core that has no other use, or limits it, or
  /// both.
  private func chain(endingAt value: Value) -> Chain? {
    let operands = program[value].operands
    switch program[value].operation {
    case .binary(.add):
      for (core, addend) in [(operands[0], operands[1]), (operands[1], operands[0])]
      where core != addend && isCore(core, endingAt: value) {
        if let addend = self.addend(addend, to: core) { return Chain(core: core, addend: addend) }
      }
      return nil
    case .binary(.maximum):
      guard program[operands[1]].operation == .constant(0), readers.isUsedOnce(operands[0]) else {
        return nil
      }
      if isLimitable(operands[0]) {
        return isCore(operands[0], endingAt: value)
          ? Chain(core: operands[0], isLimited: true) : nil
      }
      guard var chain = chain(endingAt: operands[0]), !chain.isLimited, isLimitable(chain.core),
        isCore(chain.core, endingAt: value)
      else { return nil }
      chain.isLimited = true
      chain.between.append(operands[0])
      return chain
    default:
      return nil
    }
  }

  /// Whether a result has no other use, and the others of its instruction none before an end.
  private func isCore(_ value: Value, endingAt end: Value) -> Bool {
    value.result == 0 && readers.isUsedOnce(value)
      && program.results(of: value.index).dropFirst().allSatisfy { other in
        readers.instructions[other].allSatisfy { $0.index > end.index }
      }
  }

  private func isLimitable(_ core: Value) -> Bool {
    switch program[core].operation {
    case .composite(.batchNorm), .maxPool: return true
    default: return contractions.ending(of: core, in: program) == .biasAndLimit
    }
  }

  /// What is read where a value is added to a core; nil if that is no core, or cannot add it.
  private func addend(_ value: Value, to core: Value) -> Value? {
    let operation = program[value].operation
    if case .composite(.batchNorm) = program[core].operation {
      // What is repeated or constant has no memory to be read from.
      switch operation {
      case .broadcast, .constant: return nil
      default: return value
      }
    }
    guard case .broadcast = operation, contractions.ending(of: core, in: program) != .none else {
      return nil
    }
    let vector = program[value].operands[0]
    let shape = program.type(of: vector).shape
    let channels = program.type(of: core).shape.extents.last
    return shape.extents.last == channels && shape.count == channels ? vector : nil
  }
}
