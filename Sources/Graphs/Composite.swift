/// An operation that has a name because a fast kernel exists for it.
///
/// Its expansion into primitive operations is its meaning: the reference evaluator runs that, and
/// derivatives for which no composite is named go through it.
package indirect enum Composite: Hashable, Sendable {
  /// Along the last axis.
  case softmax
  /// Operands logits `[n, classes]`, labels `[n]`. Results: the loss of each sample, and the
  /// softmax.
  case softmaxCrossEntropy
  /// Operands x `[..., c]`, scale `[c]`, shift `[c]`. Results: x with mean 0 and variance 1 in each
  /// channel, times the scale, plus the shift; the means `[c]` and the variances `[c]`, which are
  /// means of squares. Epsilon is added to the variance.
  case batchNorm(epsilon: Double)
  /// As `batchNorm`, but with mean 0 and variance 1 in each sample, along all axes but the first.
  case layerNorm(epsilon: Double)
  /// Operands and results of the composite, and the gradients of some of its results: the gradients
  /// of its operands that have one.
  case gradient(of: Composite, from: [Int])

  var definition: any CompositeDefinition {
    switch self {
    case .softmax: Softmax()
    case .softmaxCrossEntropy: SoftmaxCrossEntropy()
    case .batchNorm(let epsilon): Normalisation(epsilon: epsilon, isOfSamples: false)
    case .layerNorm(let epsilon): Normalisation(epsilon: epsilon, isOfSamples: true)
    case .gradient(let composite, let given):
      CompositeGradient(composite: composite.definition, given: given)
    }
  }

  /// Writes the composite out in primitive operations.
  package func expand(_ operands: [Value], in builder: inout Builder) -> [Value] {
    definition.expand(operands, in: &builder)
  }

  /// Writes a gradient in the steps of its kernel; nil where there is no such kernel.
  func kernelSteps(_ operands: [Value], in builder: inout Builder) -> [Value]? {
    (definition as? CompositeGradient)?.kernelSteps(operands, in: &builder)
  }

  /// The composite's row in the table of derivatives.
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
