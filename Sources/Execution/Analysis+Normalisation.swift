internal import Graphs

/// A batch normalisation with what follows it in the same pass.
struct NormalisationChain {
  let core: Value
  /// What is added to its result.
  var addend: Value?
  /// Whether what is not above 0 becomes 0.
  var isLimited = false
  /// The instructions between the normalisation and the one that ends the chain.
  var between: [Value] = []
}

extension Analysis {
  /// The chain that an instruction ends, if it adds to a batch normalisation that has no other
  /// use, or limits it, or both.
  static func normalisationChain(
    endingAt value: Value, in program: Program, _ readers: Readers
  ) -> NormalisationChain? {
    func isUsedOnce(_ value: Value) -> Bool {
      readers.instructions[value.index].count == 1 && !readers.isOutput[value.index]
    }
    func isCore(_ value: Value) -> Bool {
      guard case .composite(.batchNorm) = program[value].operation else { return false }
      return isUsedOnce(value)
    }
    // What is repeated or constant has no memory to be read from.
    func isWritten(_ value: Value) -> Bool {
      switch program[value].operation {
      case .broadcast, .constant: false
      default: true
      }
    }
    let operands = program[value].operands
    switch program[value].operation {
    case .binary(.add):
      for (core, addend) in [(operands[0], operands[1]), (operands[1], operands[0])]
      where core != addend && isCore(core) && isWritten(addend) {
        return NormalisationChain(core: core, addend: addend)
      }
      return nil
    case .binary(.maximum):
      guard program[operands[1]].operation == .constant(0) else { return nil }
      if isCore(operands[0]) { return NormalisationChain(core: operands[0], isLimited: true) }
      guard isUsedOnce(operands[0]),
        var chain = normalisationChain(endingAt: operands[0], in: program, readers),
        !chain.isLimited
      else { return nil }
      chain.isLimited = true
      chain.between.append(operands[0])
      return chain
    default:
      return nil
    }
  }

  /// The chains by the instruction that ends them; one inside another is part of that.
  static func normalisationChains(
    in program: Program, _ readers: Readers
  ) -> [NormalisationChain?] {
    var chains = program.instructions.indices.map {
      normalisationChain(endingAt: Value($0), in: program, readers)
    }
    for index in chains.indices {
      for inner in chains[index]?.between ?? [] { chains[inner.index] = nil }
    }
    return chains
  }
}
