package import Configuration
package import Graphs

/// The mean over a sample's outputs of -y log p - (1 - y) log(1 - p), where p is the sigmoid of the
/// output z and y its target.
///
/// It includes that sigmoid. Where the model ends in a sigmoid layer, the values before it are used
/// directly. One output is enough for two classes: it is for the second.
package struct BinaryCrossEntropy: Loss {
  package var positiveWeight: Double

  package init(positiveWeight: Double = 1) { self.positiveWeight = positiveWeight }

  package static let schema = Schema(
    "binary_cross_entropy", BinaryCrossEntropy(),
    [
      Property(
        "positive_weight", \.positiveWeight, .number(in: .above(0, to: 1e30)),
        help: "What the loss of targets of 1 is multiplied with.")
    ],
    help: "Sigmoid and cross entropy of each output; targets from 0 to 1, or classes, of which two "
      + "can share one output.")

  package func outputs(for targets: TargetType) -> [Shape] {
    targets.classes == 2
      ? [targets.outputs, Shape(targets.shape.extents + [1])] : [targets.outputs]
  }

  package func terms(of results: Results, against truth: Truth, in builder: inout Builder) -> Value
  {
    let z = results.logits(of: .sigmoid)
    let shape = builder.shape(of: z)
    let (y, isShared) = targets(truth, shape, in: &builder)
    let soft = builder.softening(of: z)
    // Each sum begins with the terms that cancel exactly.
    if positiveWeight == 1 {
      let hard = builder.subtract(builder.positivePart(of: z), builder.multiply(z, y))
      return terms(builder.add(hard, soft), against: truth, isShared, in: &builder)
    }
    let one = builder.constant(1, shape)
    let (negative, positive) = (builder.subtract(one, y), builder.multiply(y, by: positiveWeight))
    let toZero = builder.multiply(negative, builder.add(builder.positivePart(of: z), soft))
    let below = builder.negate(builder.negativePart(of: z))
    let toOne = builder.multiply(positive, builder.add(below, soft))
    return terms(builder.add(toZero, toOne), against: truth, isShared, in: &builder)
  }

  package var targetRange: ClosedRange<Float>? { 0...1 }
  package var givesProbabilities: Bool { true }

  package func answers(from results: Results, in builder: inout Builder) -> Value {
    results.end(with: .sigmoid)
      ? results.predictions : builder.emit(.unary(.sigmoid), results.predictions)
  }

  /// The targets of all outputs, and whether one output is for two classes.
  private func targets(
    _ truth: Truth, _ shape: Shape, in builder: inout Builder
  ) -> (Value, isShared: Bool) {
    guard case .labels(let labels, _) = truth.targets, shape[shape.rank - 1] == 1 else {
      return (builder.numbers(of: truth), false)
    }
    return (builder.reshape(builder.emit(.convert(.float32), labels), shape), true)
  }

  private func terms(
    _ losses: Value, against truth: Truth, _ isShared: Bool, in builder: inout Builder
  ) -> Value {
    isShared ? builder.sumOverLast(losses) : builder.terms(losses, against: truth)
  }
}
