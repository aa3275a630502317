internal import Graphs
internal import Kernels

extension Lowering {
  /// Writes a normalisation with what its chain adds, as one pass.
  mutating func emitBatchNorm(_ chain: Chain, into value: Value) {
    guard case .composite(.batchNorm(let epsilon)) = program[chain.core].operation else {
      preconditionFailure("\(value) ends no batch normalisation")
    }
    let kernel = batchNormalisation(of: chain.core, epsilon)
    let operands = program[chain.core].operands
    let (x, scale, shift) = (home(operands[0]), home(operands[1]), home(operands[2]))
    let addend = chain.addend.map { home($0) }
    let isLimited = chain.isLimited
    let y = place(
      value, at: value, mayReplace: [operands[0]] + (chain.addend.map { [$0] } ?? []))
    let mean = place(Value(chain.core.index, result: 1), at: value)
    let variance = place(Value(chain.core.index, result: 2), at: value)
    let note = ([chain.core] + chain.between).filter { $0 != value }
      .map { "\($0) \(program[$0].operation)" }.joined(separator: ", ")
    step(value, note.isEmpty ? "" : "after \(note)") { frame in
      unsafe kernel.normalise(
        frame.floats(y), mean: frame.floats(mean), variance: frame.floats(variance),
        frame.floats(x), scale: frame.floats(scale), shift: frame.floats(shift),
        addend: addend.map { unsafe UnsafePointer(frame.floats($0)) }, isLimited: isLimited)
    }
  }

  mutating func emitLayerNorm(_ value: Value, _ epsilon: Double) {
    let kernel = layerNormalisation(of: value, epsilon)
    let operands = program[value].operands
    let (x, scale, shift) = (home(operands[0]), home(operands[1]), home(operands[2]))
    let y = place(value, at: value, mayReplace: [operands[0]])
    let mean = place(Value(value.index, result: 1), at: value)
    let variance = place(Value(value.index, result: 2), at: value)
    step(value) { frame in
      unsafe kernel.normalise(
        frame.floats(y), mean: frame.floats(mean), variance: frame.floats(variance),
        frame.floats(x), scale: frame.floats(scale), shift: frame.floats(shift))
    }
  }

  // MARK: Gradients

  mutating func emitBatchNormGradient(_ value: Value, _ epsilon: Double) {
    let kernel = batchNormalisation(of: value, epsilon)
    let (from, to) = normalisationGradient(value)
    step(value) { frame in
      unsafe kernel.gradients(
        frame.floats(to.x), scale: frame.floats(to.scale), shift: frame.floats(to.shift),
        frame.floats(from.x), frame.floats(from.g), mean: frame.floats(from.mean),
        variance: frame.floats(from.variance), scale: frame.floats(from.scale))
    }
  }

  mutating func emitLayerNormGradient(_ value: Value, _ epsilon: Double) {
    let kernel = layerNormalisation(of: value, epsilon)
    let (from, to) = normalisationGradient(value)
    step(value) { frame in
      unsafe kernel.gradients(
        frame.floats(to.x), scale: frame.floats(to.scale), shift: frame.floats(to.shift),
        frame.floats(from.x), frame.floats(from.g), mean: frame.floats(from.mean),
        variance: frame.floats(from.variance), scale: frame.floats(from.scale))
    }
  }

  private struct GradientSources {
    let x, scale, mean, variance, g: Slot
  }

  /// Where the gradients by x, scale and shift go, if anybody reads them.
  private struct GradientTargets {
    let x, scale, shift: Slot?
  }

  private mutating func normalisationGradient(
    _ value: Value
  ) -> (from: GradientSources, to: GradientTargets) {
    let read = program[value].read
    let slots = read.map(home)
    let from = GradientSources(
      x: slots[0], scale: slots[1], mean: slots[2], variance: slots[3], g: slots[4])
    let to = GradientTargets(
      x: place(value, at: value, mayReplace: [read[4], read[0]]),
      scale: place(Value(value.index, result: 1), at: value),
      shift: place(Value(value.index, result: 2), at: value))
    return (from, to)
  }

  // MARK: Kernels

  /// The kernel for what an instruction, or the one whose gradient it is, normalises.
  private func batchNormalisation(of value: Value, _ epsilon: Double) -> BatchNormalisation {
    let shape = program.type(of: program[value].operands[0]).shape
    let channels = shape[shape.rank - 1]
    return BatchNormalisation(
      rows: shape.count / channels, channels: channels, epsilon: epsilon)
  }

  private func layerNormalisation(of value: Value, _ epsilon: Double) -> LayerNormalisation {
    let shape = program.type(of: program[value].operands[0]).shape
    let (samples, channels) = (shape[0], shape[shape.rank - 1])
    return LayerNormalisation(
      samples: samples, places: shape.count / (samples * channels), channels: channels,
      epsilon: epsilon)
  }
}
