/// An operation that has a name because a fast kernel exists for it.
///
/// Its definition is a file of this folder, its kernel a file of `Execution/Composites`.
package indirect enum Composite: Hashable, Sendable {
  case softmax
  case softmaxCrossEntropy
  case batchNorm(epsilon: Double)
  case layerNorm(epsilon: Double)
  case groupNorm(epsilon: Double, groups: Int)
  case rmsNorm(epsilon: Double)
  case gelu
  case attention(Attention)
  case selectiveScan
  /// From the operands and results of the composite, and the gradients of some of its results: the
  /// gradients of its operands that have one.
  case gradient(of: Composite, from: [Int])

  package var definition: any CompositeDefinition {
    switch self {
    case .softmax: Softmax()
    case .softmaxCrossEntropy: SoftmaxCrossEntropy()
    case .batchNorm(let epsilon): Normalisation(epsilon: epsilon, statistics: .ofChannels)
    case .layerNorm(let epsilon): Normalisation(epsilon: epsilon, statistics: .ofSamples)
    case .groupNorm(let epsilon, let groups):
      Normalisation(epsilon: epsilon, statistics: .ofGroups(groups))
    case .rmsNorm(let epsilon): RMSNorm(epsilon: epsilon)
    case .gelu: GELU()
    case .attention(let attention): attention
    case .selectiveScan: SelectiveScan()
    case .gradient(let composite, let given):
      CompositeGradient(composite: composite.definition, given: given)
    }
  }

  /// Whether it draws random numbers.
  var isRandom: Bool {
    switch self {
    case .attention(let attention): attention.dropout != nil
    case .gradient(let composite, _): composite.isRandom
    default: false
    }
  }

  /// The gradient that each operand receives from those of the results; nil for none.
  func gradients(
    of operands: [Value], _ results: [Value], from gradients: [Value?],
    in builder: inout Builder
  ) -> [Value?] {
    if case .gradient = self {
      return definition.expandedGradients(of: operands, from: gradients, in: &builder)
    }
    let given = gradients.indices.filter { gradients[$0] != nil }
    let made = builder.results(
      of: .composite(.gradient(of: self, from: given)),
      operands + results + gradients.compactMap { $0 })
    var parts = [Value?](repeating: nil, count: operands.count)
    for (operand, part) in zip(definition.differentiable, made) { parts[operand] = part }
    return parts
  }
}

extension Composite: CustomStringConvertible {
  package var description: String { definition.text }
}

extension Operation {
  /// Whether its results are not functions of its operands alone.
  package var isRandom: Bool {
    switch self {
    case .random: true
    case .composite(let composite): composite.isRandom
    default: false
    }
  }
}
