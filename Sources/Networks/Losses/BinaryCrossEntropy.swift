internal import Configuration
internal import Graphs

/// The mean over a sample's outputs of -y log p - (1 - y) log(1 - p), where p is the sigmoid of the
/// output z and y its target.
///
/// It includes that sigmoid. Where the model ends in a sigmoid layer, the values before it are used
/// directly. One output is enough for two classes: it is for the second.
struct BinaryCrossEntropy: Loss {
  static let schema = Record(
    "binary_cross_entropy",
    keys: [
      Key(
        "positive_weight", .number(in: .above(0, to: 1e30)), default: 1,
        help: "What the loss of targets of 1 is multiplied with.")
    ],
    help: "Sigmoid and cross entropy of each output; targets from 0 to 1, or classes, of which two "
      + "can share one output.")

  private let positiveWeight: Double

  init(_ settings: Settings) { positiveWeight = settings.number("positive_weight") }

  func takes(width: Int, for labels: LabelKind) -> Bool {
    width == labels.width || (width == 1 && labels == .classes(2))
  }

  func losses(of results: Results, against truth: Truth, in builder: inout Builder) -> Value {
    let z = results.logits(of: .sigmoid)
    let shape = builder.shape(of: z)
    let y = targets(truth, shape, in: &builder)
    let soft = builder.softening(of: z)
    // Each sum begins with the terms that cancel exactly.
    if positiveWeight == 1 {
      let hard = builder.subtract(builder.positivePart(of: z), builder.multiply(z, y))
      return builder.meanOverOutputs(of: builder.add(hard, soft))
    }
    let one = builder.constant(1, shape)
    let (negative, positive) = (builder.subtract(one, y), builder.multiply(y, by: positiveWeight))
    let toZero = builder.multiply(negative, builder.add(builder.positivePart(of: z), soft))
    let below = builder.negate(builder.negativePart(of: z))
    let toOne = builder.multiply(positive, builder.add(below, soft))
    return builder.meanOverOutputs(of: builder.add(toZero, toOne))
  }

  var targetRange: ClosedRange<Float>? { 0...1 }
  var givesProbabilities: Bool { true }

  func answers(from results: Results, in builder: inout Builder) -> Value {
    results.last == .sigmoid
      ? results.predictions : builder.emit(.unary(.sigmoid), results.predictions)
  }

  private func targets(_ truth: Truth, _ shape: Shape, in builder: inout Builder) -> Value {
    guard case .labels(let labels, _) = truth, shape[1] == 1 else {
      return builder.targets(of: truth)
    }
    return builder.reshape(builder.emit(.convert(.float32), labels), shape)
  }
}
