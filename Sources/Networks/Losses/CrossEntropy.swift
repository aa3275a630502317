package import Configuration
package import Graphs

/// The negative logarithm of the probability that softmax gives to a sample's class.
///
/// It includes that softmax. Where the model ends in a softmax layer, the values before it are used
/// directly, so the softmax is not applied twice: both ways of writing the model train alike.
///
/// Real targets are the probabilities of classes, which need not be 0 or 1: the terms of all
/// classes count by them. A share s of label smoothing makes (1 - s) t + s / K of the target t of
/// each of the K classes, as PyTorch does, whatever the targets of a sample add up to.
///
/// Weights multiply the terms of their classes; their sum does not divide anything, since a shard
/// does not know the labels of others.
package struct CrossEntropy: Loss {
  package var labelSmoothing: Double
  package var classWeights: [Double]?

  package init(labelSmoothing: Double = 0, classWeights: [Double]? = nil) {
    self.labelSmoothing = labelSmoothing
    self.classWeights = classWeights
  }

  package static let schema = Schema(
    "cross_entropy", CrossEntropy(),
    [
      Property(
        "label_smoothing", \.labelSmoothing, .number(in: .from(0, below: 1)),
        help: "The share s that is spread evenly over all K classes: a target t becomes "
          + "(1 - s) t + s / K, also where targets are real."),
      Property(
        "class_weights", \.classWeights,
        .list(of: .number(in: .from(0, to: 1e30)), count: 1...100_000),
        help: "What the loss of each class is multiplied with; the mean is over samples, not "
          + "over weights."),
    ],
    help:
      "Softmax and negative log likelihood of the class; real targets are probabilities, from 0 to "
      + "1."
  )

  package func terms(
    of results: Results, against truth: Truth, in builder: inout Builder
  ) throws(Misfit) -> Value {
    let logits = results.logits(of: .softmax)
    let shape = builder.shape(of: logits)
    let classes = shape[shape.rank - 1]
    let weights = classWeights ?? Array(repeating: 1, count: classes)
    guard weights.count == classes else {
      throw Misfit(
        "expected a weight for each of the \(classes) classes, found \(weights.count)",
        at: "class_weights")
    }
    switch truth.targets {
    case .values(let targets): return terms(logits, targets, weights, in: &builder)
    case .labels(let labels, _):
      let rows = shape.count / classes
      let terms = terms(
        builder.reshape(logits, [rows, classes]), labels: builder.reshape(labels, [rows]), weights,
        in: &builder)
      return builder.reshape(terms, builder.shape(of: labels))
    }
  }

  /// Of rows of logits, each with its class.
  private func terms(
    _ logits: Value, labels: Value, _ weights: [Double], in builder: inout Builder
  ) -> Value {
    let losses = builder.emit(.composite(.softmaxCrossEntropy), logits, labels)
    let weighted =
      classWeights == nil
      ? losses : builder.multiply(losses, builder.emit(.gather, builder.vector(weights), labels))
    guard labelSmoothing > 0 else { return weighted }
    let spread = spread(losses, logits, labels, weights, in: &builder)
    return builder.add(
      builder.multiply(weighted, by: 1 - labelSmoothing),
      builder.multiply(spread, by: labelSmoothing))
  }

  /// Of each class, target times what the logarithm of the probability is below zero.
  private func terms(
    _ logits: Value, _ targets: Value, _ weights: [Double], in builder: inout Builder
  ) -> Value {
    let shape = builder.shape(of: logits)
    let last = [shape.rank - 1]
    let maxima = builder.emit(.reduce(.maximum, axes: last), logits)
    let shifted = builder.subtract(logits, builder.broadcast(maxima, shape))
    let sums = builder.sum(builder.emit(.unary(.exp), shifted), axes: last)
    let margins = builder.subtract(
      builder.broadcast(builder.emit(.unary(.log), sums), shape), shifted)
    var shares = targets
    if labelSmoothing > 0 {
      let even = builder.constant(labelSmoothing / Double(weights.count), shape)
      shares = builder.add(builder.multiply(targets, by: 1 - labelSmoothing), even)
    }
    if classWeights != nil {
      shares = builder.multiply(shares, builder.broadcast(builder.vector(weights), over: shape))
    }
    return builder.multiply(shares, margins)
  }

  package var takesDistributions: Bool { true }
  package var takesClasses: Bool { true }
  package var targetRange: ClosedRange<Float>? { 0...1 }
  package var givesProbabilities: Bool { true }
  package var isLogLikelihood: Bool { labelSmoothing == 0 && classWeights == nil }

  package func answers(from results: Results, in builder: inout Builder) -> Value {
    results.end(with: .softmax)
      ? results.predictions : builder.emit(.composite(.softmax), results.predictions)
  }

  /// The weighted mean over all classes c of -log p(c), which is that of the sample's own class
  /// plus what its logit lies above that of c.
  private func spread(
    _ losses: Value, _ logits: Value, _ labels: Value, _ weights: [Double],
    in builder: inout Builder
  ) -> Value {
    let shape = builder.shape(of: logits)
    let own = builder.multiply(builder.emit(.oneHot(classes: weights.count), labels), logits)
    let picked = builder.broadcast(builder.sum(own, axes: [1]), shape)
    let margins = builder.subtract(picked, logits)
    let row = builder.broadcast(builder.vector(weights), over: shape)
    let mean = builder.multiply(
      builder.sumOverLast(builder.multiply(margins, row)), by: 1 / Double(weights.count))
    let total = weights.reduce(0, +) / Double(weights.count)
    return builder.add(builder.multiply(losses, by: total), mean)
  }
}
