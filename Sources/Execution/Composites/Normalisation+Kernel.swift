internal import Graphs
internal import Kernels

extension Composite.Normalisation: FusedComposite {
  func emit(_ value: Value, in lowering: inout Lowering) {
    let shape = lowering.program.type(of: value).shape
    let normalise: Forward
    switch statistics {
    case .ofChannels: return lowering.emitBatchNorm(Epilogue(core: value), into: value)
    case .ofSamples: unsafe normalise = layerNormalisation(of: shape).normalise
    case .ofGroups(let groups): unsafe normalise = groupNormalisation(of: shape, groups).normalise
    }
    let operands = lowering.program[value].operands
    let slots = operands.map { lowering.slot(of: $0) }
    let y = lowering.place(value, at: value, mayReplace: [operands[0]])
    let mean = lowering.place(Value(value.index, result: 1), at: value)
    let variance = lowering.place(Value(value.index, result: 2), at: value)
    lowering.call(value) { frame in
      unsafe normalise(
        frame.floats(y), frame.floats(mean), frame.floats(variance), frame.floats(slots[0]),
        frame.floats(slots[1]), frame.floats(slots[2]))
    }
  }

  /// It reads x, the scale, the means, the variances and the gradient of the result.
  var gradientKernel: GradientKernel? {
    GradientKernel(operands: [0, 1, 4, 5, 6]) { value, operands, lowering in
      let shape = lowering.program.type(of: operands[0]).shape
      let gradients: Backward =
        switch statistics {
        case .ofChannels: unsafe batchNormalisation(of: shape).gradients
        case .ofSamples: unsafe layerNormalisation(of: shape).gradients
        case .ofGroups(let groups): unsafe groupNormalisation(of: shape, groups).gradients
        }
      let slots = operands.map { lowering.slot(of: $0) }
      let x = lowering.place(value, at: value, mayReplace: [operands[4], operands[0]])
      let scale = lowering.place(Value(value.index, result: 1), at: value)
      let shift = lowering.place(Value(value.index, result: 2), at: value)
      lowering.call(value) { frame in
        unsafe gradients(
          frame.floats(x), frame.floats(scale), frame.floats(shift), frame.floats(slots[0]),
          frame.floats(slots[4]), frame.floats(slots[2]), frame.floats(slots[3]),
          frame.floats(slots[1]))
      }
    }
  }

  private typealias Result = UnsafeMutablePointer<Float>?
  private typealias Operand = UnsafePointer<Float>
  /// y, means and variances from x, scale and shift.
  private typealias Forward = (Result, Result, Result, Operand, Operand, Operand) -> Void
  /// The gradients by x, scale and shift from x, g, means, variances and scale.
  private typealias Backward = (
    Result, Result, Result, Operand, Operand, Operand, Operand, Operand
  ) -> Void

  fileprivate func batchNormalisation(of shape: Shape) -> BatchNormalisation {
    let channels = shape[shape.rank - 1]
    return BatchNormalisation(rows: shape.count / channels, channels: channels, epsilon: epsilon)
  }

  private func layerNormalisation(of shape: Shape) -> LayerNormalisation {
    let (samples, channels) = (shape[0], shape[shape.rank - 1])
    return LayerNormalisation(
      samples: samples, places: shape.count / (samples * channels), channels: channels,
      epsilon: epsilon)
  }

  private func groupNormalisation(of shape: Shape, _ groups: Int) -> GroupNormalisation {
    let (samples, channels) = (shape[0], shape[shape.rank - 1])
    return GroupNormalisation(
      samples: samples, places: shape.count / (samples * channels), channels: channels,
      groups: groups, epsilon: epsilon)
  }
}

extension Lowering {
  /// Writes a batch normalisation with what its chain adds, as one pass.
  mutating func emitBatchNorm(_ epilogue: Epilogue, into value: Value) {
    guard case .composite(let composite) = program[epilogue.core].operation,
      let definition = composite.definition as? Composite.Normalisation
    else { preconditionFailure("\(value) ends no batch normalisation") }
    let kernel = definition.batchNormalisation(of: program.type(of: value).shape)
    let operands = program[epilogue.core].operands
    let (x, scale, shift) = (slot(of: operands[0]), slot(of: operands[1]), slot(of: operands[2]))
    let addend = epilogue.addend.map { slot(of: $0) }
    let appliesReLU = epilogue.appliesReLU
    let y = place(
      value, at: value, mayReplace: [operands[0]] + (epilogue.addend.map { [$0] } ?? []))
    let mean = place(Value(epilogue.core.index, result: 1), at: value)
    let variance = place(Value(epilogue.core.index, result: 2), at: value)
    let note = ([epilogue.core] + epilogue.between).filter { $0 != value }
      .map { "\($0) \(program[$0].operation)" }.joined(separator: ", ")
    call(value, note.isEmpty ? "" : "after \(note)") { frame in
      unsafe kernel.normalise(
        frame.floats(y), mean: frame.floats(mean), variance: frame.floats(variance),
        frame.floats(x), scale: frame.floats(scale), shift: frame.floats(shift),
        addend: addend.map { unsafe UnsafePointer(frame.floats($0)) }, appliesReLU: appliesReLU)
    }
  }
}
