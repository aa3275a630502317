/// An operation that has a name because a fast kernel exists for it.
///
/// Its expansion into primitive operations is its meaning: the reference evaluator runs that, and
/// derivatives for which no composite is named go through it.
package indirect enum Composite: Hashable, Sendable {
  /// Along the last axis.
  case softmax
  /// Operands logits `[n, classes]`, labels `[n]`: the loss of each sample.
  case softmaxCrossEntropy
  /// Operands x `[..., c]`, scale `[c]`, shift `[c]`: x with mean 0 and variance 1 in each channel,
  /// times the scale, plus the shift. Epsilon is added to the variance.
  case batchNorm(epsilon: Double)
  /// The mean of each channel of `[..., c]`.
  case batchMean
  /// The mean of the squares of what each channel of `[..., c]` deviates from its mean.
  case batchVariance
  /// As `batchNorm`, but with mean 0 and variance 1 in each sample, along all axes but the first.
  case layerNorm(epsilon: Double)
  /// Operands of the composite and the gradient of its result: the gradient of one operand.
  case gradient(of: Composite, operand: Int)

  package var arity: Int {
    switch self {
    case .softmax: 1
    case .softmaxCrossEntropy: 2
    case .batchNorm, .layerNorm: 3
    case .batchMean, .batchVariance: 1
    case .gradient(let composite, _): composite.arity + 1
    }
  }

  /// The operands that a composite passes gradients to.
  private var differentiable: [Int] {
    switch self {
    case .softmax, .softmaxCrossEntropy, .batchMean, .batchVariance: [0]
    case .batchNorm, .layerNorm: [0, 1, 2]
    case .gradient: []
    }
  }

  func resultTypes(of operands: [TensorType]) throws(ProgramError) -> [TensorType] {
    [try resultType(of: operands)]
  }

  private func resultType(of operands: [TensorType]) throws(ProgramError) -> TensorType {
    switch self {
    case .softmax:
      try require(operands[0].shape.rank > 0, "takes \(operands[0])")
      return operands[0]
    case .softmaxCrossEntropy:
      let (logits, labels) = (operands[0], operands[1])
      try require(
        logits.shape.rank == 2 && labels.shape == [logits.shape[0]], "takes \(operands)")
      return TensorType(logits.number, labels.shape)
    case .batchNorm, .layerNorm:
      let shape = operands[0].shape
      try require(shape.rank >= 2, "takes \(operands[0])")
      let channels: Shape = [shape[shape.rank - 1]]
      try require(operands.dropFirst().allSatisfy { $0.shape == channels }, "takes \(operands)")
      return operands[0]
    case .batchMean, .batchVariance:
      let shape = operands[0].shape
      try require(shape.rank >= 2, "takes \(operands[0])")
      return TensorType(operands[0].number, [shape[shape.rank - 1]])
    case .gradient(let composite, let operand):
      try require(
        composite.differentiable.contains(operand), "has no gradient of operand \(operand)")
      let result = try composite.resultType(of: operands.dropLast())
      try require(operands.last == result, "has a gradient of another type: \(operands)")
      return operands[operand]
    }
  }

  /// Writes the composite out in primitive operations.
  package func expand(_ operands: [Value], in builder: inout Builder) -> Value {
    switch self {
    case .softmax:
      let shape = builder.shape(of: operands[0])
      let powers = builder.emit(.unary(.exp), builder.belowMaximum(operands[0]))
      let sums = builder.sum(powers, axes: [shape.rank - 1])
      return builder.divide(powers, builder.broadcast(sums, shape))
    case .softmaxCrossEntropy:
      let shape = builder.shape(of: operands[0])
      let shifted = builder.belowMaximum(operands[0])
      let sums = builder.sum(builder.emit(.unary(.exp), shifted), axes: [1])
      let target = builder.oneHot(operands[1], like: operands[0])
      let picked = builder.sum(builder.multiply(target, shifted), axes: [1])
      let losses = builder.subtract(builder.emit(.unary(.log), sums), picked)
      return builder.reshape(losses, [shape[0]])
    case .batchNorm(let epsilon):
      return builder.batchNorm(operands, epsilon)
    case .batchMean:
      return builder.batchMean(operands[0])
    case .batchVariance:
      return builder.batchVariance(operands[0])
    case .layerNorm(let epsilon):
      return builder.layerNorm(operands, epsilon)
    case .gradient(let composite, let operand):
      let gradient = operands[operands.count - 1]
      return composite.expandedGradients(
        of: operands.dropLast(), from: gradient, in: &builder)[operand]
    }
  }

  /// Writes a gradient in the steps of its kernel, which lose other digits than the expansion; nil
  /// where there is no such kernel.
  func kernelSteps(_ operands: [Value], in builder: inout Builder) -> Value? {
    let axes = 0..<builder.shape(of: operands[0]).rank
    switch self {
    case .gradient(of: .softmaxCrossEntropy, operand: 0):
      let shape = builder.shape(of: operands[0])
      let row = builder.reshape(operands[2], [shape[0], 1])
      let gradient = builder.broadcast(row, shape)
      let shares = Composite.softmax.expand([operands[0]], in: &builder)
      let target = builder.oneHot(operands[1], like: operands[0])
      return builder.subtract(
        builder.multiply(shares, gradient), builder.multiply(target, gradient))
    case .gradient(of: .batchNorm(let epsilon), let operand):
      return builder.normalisationGradient(
        operands, over: Array(axes.dropLast()), epsilon, operand: operand)
    case .gradient(of: .layerNorm(let epsilon), let operand):
      return builder.normalisationGradient(
        operands, over: Array(axes.dropFirst()), epsilon, operand: operand)
    default:
      return nil
    }
  }

  /// Writes the gradients of the expansion.
  ///
  /// They are made on leaves of their own: in the builder operands may be equal or made of each
  /// other, and the parts of one would be counted to another.
  private func expandedGradients(
    of operands: [Value], from gradient: Value, in builder: inout Builder
  ) -> [Value] {
    let values = operands + [gradient]
    var alone = Builder()
    let leaves = values.indices.map { alone.input("\($0)", builder.type(of: values[$0])) }
    let result = expand(leaves.dropLast(), in: &alone)
    let gradients = alone.gradients(
      of: result, seed: leaves[operands.count], by: leaves.dropLast())
    let places = builder.append(alone, for: values)
    return gradients.map { places[$0] }
  }

  /// The composite's row in the table of derivatives.
  func gradients(
    of operands: [Value], from gradient: Value, in builder: inout Builder
  ) -> [Value?] {
    if case .gradient = self {
      return expandedGradients(of: operands, from: gradient, in: &builder)
    }
    return operands.indices.map { operand in
      guard differentiable.contains(operand) else { return nil }
      let composite = Composite.gradient(of: self, operand: operand)
      return builder.emit(.composite(composite), operands + [gradient])
    }
  }
}

extension Builder {
  /// Labels as rows of the logits' shape and type.
  fileprivate mutating func oneHot(_ labels: Value, like logits: Value) -> Value {
    let type = type(of: logits)
    return emit(.convert(type.number), emit(.oneHot(classes: type.shape[1]), labels))
  }

  /// x minus the maximum of its row: an exponential of it cannot overflow.
  fileprivate mutating func belowMaximum(_ x: Value) -> Value {
    let shape = shape(of: x)
    let maximum = emit(.reduce(.maximum, axes: [shape.rank - 1]), x)
    return subtract(x, broadcast(maximum, shape))
  }
}
