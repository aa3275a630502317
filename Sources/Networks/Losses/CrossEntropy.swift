internal import Configuration
internal import Graphs

/// The negative logarithm of the probability that softmax gives to a sample's class.
///
/// It includes that softmax. Where the model ends in a softmax layer, the values before it are used
/// directly, so the softmax is not applied twice: both ways of writing the model train alike.
///
/// Weights multiply the terms of their classes; their sum does not divide anything, since a shard
/// does not know the labels of others.
struct CrossEntropy: Loss {
  static let schema = Record(
    "cross_entropy",
    keys: [
      Key(
        "label_smoothing", .number(in: .from(0, below: 1)), default: 0,
        help: "The share of the target that is spread evenly over all classes."),
      Key(
        "class_weights", .list(of: .number(in: .from(0, to: 1e30)), count: 1...100_000),
        default: .absent,
        help: "What the loss of each class is multiplied with; the mean is over samples, not over "
          + "weights."),
    ], help: "Softmax and negative log likelihood of the class; for class labels.")

  private let smoothing: Double
  private let classWeights: [Double]?

  init(_ settings: Settings) {
    smoothing = settings.number("label_smoothing")
    classWeights = settings.optionalValue("class_weights")?.list.map(\.number)
  }

  func losses(
    of results: Results, against truth: Truth, in builder: inout Builder
  ) throws(Misfit) -> Value {
    guard case .labels(let labels, let classes) = truth else {
      throw Misfit("needs class labels, the data has real numbers: use mse")
    }
    let weights = classWeights ?? Array(repeating: 1, count: classes)
    guard weights.count == classes else {
      throw Misfit(
        "expected a weight for each of the \(classes) classes, found \(weights.count)",
        at: "class_weights")
    }
    let logits = results.logits(of: .softmax)
    let losses = builder.emit(.composite(.softmaxCrossEntropy), logits, labels)
    let weighted =
      classWeights == nil
      ? losses : builder.multiply(losses, builder.emit(.gather, builder.vector(weights), labels))
    guard smoothing > 0 else { return weighted }
    let spread = spread(losses, logits, labels, weights, in: &builder)
    return builder.add(
      builder.multiply(weighted, by: 1 - smoothing), builder.multiply(spread, by: smoothing))
  }

  var givesProbabilities: Bool { true }

  func answers(from results: Results, in builder: inout Builder) -> Value {
    results.last == .softmax
      ? results.predictions : builder.emit(.composite(.softmax), results.predictions)
  }

  /// The weighted mean over all classes c of -log p(c), which is that of the sample's own class plus
  /// what its logit lies above that of c.
  private func spread(
    _ losses: Value, _ logits: Value, _ labels: Value, _ weights: [Double],
    in builder: inout Builder
  ) -> Value {
    let shape = builder.shape(of: logits)
    let own = builder.multiply(builder.emit(.oneHot(classes: weights.count), labels), logits)
    let picked = builder.broadcast(builder.sum(own, axes: [1]), shape)
    let margins = builder.subtract(picked, logits)
    let row = builder.spread(builder.vector(weights), over: shape)
    let mean = builder.meanOverOutputs(of: builder.multiply(margins, row))
    let total = weights.reduce(0, +) / Double(weights.count)
    return builder.add(builder.multiply(losses, by: total), mean)
  }
}
