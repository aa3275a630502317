internal import Graphs
internal import Kernels

/// What the steps around one normalisation share.
struct NormalisationSlots {
  /// Means and variances, by what is normalised: its channels, or its samples.
  var statistics: [Value: Slot] = [:]
  var sampleStatistics: [Value: Slot] = [:]
  /// Gradients by scale and shift, by what the instructions that ask for them have in common.
  var sums: [Gradients: Slot] = [:]

  struct Gradients: Hashable {
    let normalisation: Composite
    let operands: [Value]
  }
}

extension Lowering {
  /// Writes a normalisation with what its chain adds, as one pass.
  mutating func emitBatchNorm(_ chain: Chain, into value: Value) {
    guard case .composite(.batchNorm(let epsilon)) = program[chain.core].operation else {
      preconditionFailure("\(value) ends no batch normalisation")
    }
    let operands = program[chain.core].operands
    let statistics = statistics(of: operands[0], at: value)
    let kernel = normalisation(of: operands[0], epsilon)
    let (x, scale, shift) = (home(operands[0]), home(operands[1]), home(operands[2]))
    let addend = chain.addend.map { home($0) }
    let isLimited = chain.isLimited
    let y = destination(value, mayReplace: [operands[0]] + (chain.addend.map { [$0] } ?? []))
    let note = ([chain.core] + chain.between).filter { $0 != value }
      .map { "\($0) \(program[$0].operation)" }.joined(separator: ", ")
    step(value, note.isEmpty ? "" : "after \(note)") { frame in
      unsafe kernel.normalise(
        frame.floats(y), frame.floats(x), statistics: frame.floats(statistics),
        scale: frame.floats(scale), shift: frame.floats(shift),
        addend: addend.map { unsafe UnsafePointer(frame.floats($0)) }, isLimited: isLimited)
    }
  }

  /// Copies the means, or the variances that stand behind them.
  mutating func emitStatistic(_ value: Value, isVariance: Bool) {
    let statistics = statistics(of: program[value].operands[0], at: value)
    emitPart(value, of: statistics, isSecond: isVariance)
  }

  mutating func emitBatchNormGradient(_ value: Value, _ epsilon: Double, operand: Int) {
    let operands = program[value].operands
    let statistics = statistics(of: operands[0], at: value)
    let kernel = normalisation(of: operands[0], epsilon)
    let (x, scale, g) = (home(operands[0]), home(operands[1]), home(operands[3]))
    let sums = parameterGradients(of: .batchNorm(epsilon: epsilon), at: value) { frame, sums in
      unsafe kernel.parameterGradients(
        frame.floats(sums), frame.floats(x), frame.floats(g), statistics: frame.floats(statistics))
    }
    guard operand == 0 else { return emitPart(value, of: sums, isSecond: operand == 2) }
    let dx = destination(value, mayReplace: [operands[3], operands[0]])
    step(value) { frame in
      unsafe kernel.inputGradient(
        frame.floats(dx), frame.floats(x), frame.floats(g), statistics: frame.floats(statistics),
        scale: frame.floats(scale), sums: frame.floats(sums))
    }
  }

  /// The gradients by scale and shift, computed by the first instruction that needs them.
  mutating func parameterGradients(
    of normalisation: Composite, at value: Value, _ compute: @escaping (Frame, Slot) -> Void
  ) -> Slot {
    let operands = program[value].operands
    let key = NormalisationSlots.Gradients(normalisation: normalisation, operands: operands)
    if let known = normalisations.sums[key] { return known }
    let sums = shared(floats: 2 * channels(of: operands[0]), at: value) { [program] in
      program[$0].operands == operands
    }
    normalisations.sums[key] = sums
    preparation(value, "by scale and shift") { compute($0, sums) }
    return sums
  }

  mutating func emitPart(_ value: Value, of pair: Slot, isSecond: Bool) {
    let (y, count) = (destination(value), program.type(of: value).count)
    step(value) {
      unsafe $0.floats(y).update(from: $0.floats(pair) + (isSecond ? count : 0), count: count)
    }
  }

  /// Means and variances, computed by the first instruction that needs them.
  private mutating func statistics(of x: Value, at value: Value) -> Slot {
    if let known = normalisations.statistics[x] { return known }
    let kernel = normalisation(of: x, 0)
    let source = home(x)
    let slot = shared(floats: 2 * channels(of: x), at: value) { [program] in
      program[$0].operation.needsStatistics && program[$0].operands[0] == x
    }
    normalisations.statistics[x] = slot
    preparation(value, "means and variances") {
      unsafe kernel.statistics($0.floats(slot), $0.floats(source))
    }
    return slot
  }

  /// Memory from an instruction to the last of those that use it.
  mutating func shared(
    floats count: Int, at value: Value, by isUser: (Value) -> Bool
  ) -> Slot {
    let users = program.instructions.indices.map { Value($0) }.filter(isUser)
    let last = users.map { analysis.computing($0).index }.max() ?? value.index
    return block(4 * count, from: value.index, to: max(last, value.index))
  }

  func channels(of x: Value) -> Int {
    let shape = program.type(of: x).shape
    return shape[shape.rank - 1]
  }

  private func normalisation(of x: Value, _ epsilon: Double) -> BatchNormalisation {
    let channels = channels(of: x)
    return BatchNormalisation(
      rows: program.type(of: x).count / channels, channels: channels, epsilon: epsilon)
  }
}

extension Operation {
  fileprivate var needsStatistics: Bool {
    switch self {
    case .composite(.batchNorm), .composite(.batchMean), .composite(.batchVariance),
      .composite(.gradient(of: .batchNorm, operand: _)):
      true
    default: false
    }
  }
}
