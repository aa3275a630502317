internal import Graphs
internal import Kernels

extension Lowering {
  mutating func emitLayerNorm(_ value: Value, _ epsilon: Double) {
    let operands = program[value].operands
    let statistics = sampleStatistics(of: operands[0], at: value)
    let kernel = layerNormalisation(of: operands[0], epsilon)
    let (x, scale, shift) = (home(operands[0]), home(operands[1]), home(operands[2]))
    let y = destination(value, mayReplace: [operands[0]])
    step(value) { frame in
      unsafe kernel.normalise(
        frame.floats(y), frame.floats(x), statistics: frame.floats(statistics),
        scale: frame.floats(scale), shift: frame.floats(shift))
    }
  }

  mutating func emitLayerNormGradient(_ value: Value, _ epsilon: Double, operand: Int) {
    let operands = program[value].operands
    let statistics = sampleStatistics(of: operands[0], at: value)
    let kernel = layerNormalisation(of: operands[0], epsilon)
    let (x, scale, g) = (home(operands[0]), home(operands[1]), home(operands[3]))
    guard operand == 0 else {
      let sums = parameterGradients(of: .layerNorm(epsilon: epsilon), at: value) { frame, sums in
        unsafe kernel.parameterGradients(
          frame.floats(sums), frame.floats(x), frame.floats(g),
          statistics: frame.floats(statistics))
      }
      return emitPart(value, of: sums, isSecond: operand == 2)
    }
    let dx = destination(value, mayReplace: [operands[3], operands[0]])
    step(value) { frame in
      unsafe kernel.inputGradient(
        frame.floats(dx), frame.floats(x), frame.floats(g), statistics: frame.floats(statistics),
        scale: frame.floats(scale))
    }
  }

  /// Means and variances, computed by the first instruction that needs them.
  private mutating func sampleStatistics(of x: Value, at value: Value) -> Slot {
    if let known = normalisations.sampleStatistics[x] { return known }
    let kernel = layerNormalisation(of: x, 0)
    let source = home(x)
    let slot = shared(floats: 2 * program.type(of: x).shape[0], at: value) { [program] in
      program[$0].operation.isLayerNorm && program[$0].operands[0] == x
    }
    normalisations.sampleStatistics[x] = slot
    preparation(value, "means and variances") {
      unsafe kernel.statistics($0.floats(slot), $0.floats(source))
    }
    return slot
  }

  private func layerNormalisation(of x: Value, _ epsilon: Double) -> LayerNormalisation {
    let shape = program.type(of: x).shape
    let (samples, channels) = (shape[0], channels(of: x))
    return LayerNormalisation(
      samples: samples, places: shape.count / (samples * channels), channels: channels,
      epsilon: epsilon)
  }
}

extension Operation {
  fileprivate var isLayerNorm: Bool {
    switch self {
    case .composite(.layerNorm), .composite(.gradient(of: .layerNorm, operand: _)): true
    default: false
    }
  }
}
