internal import Configuration
internal import Graphs

/// What a network is to make small: a struct of settings and one function that only builds graph.
protocol Loss: Sendable {
  static var schema: Record { get }

  init(_ settings: Settings)

  /// Whether it can compare outputs of this width with what the data say.
  func takes(width: Int, for labels: LabelKind) -> Bool

  /// Writes one number for each sample, `[n]`.
  func losses(
    of results: Results, against truth: Truth, in builder: inout Builder
  ) throws(Misfit) -> Value

  /// What real targets must be within, if not all numbers have a meaning.
  var targetRange: ClosedRange<Float>? { get }

  /// Whether it takes the outputs for classes as probabilities.
  var givesProbabilities: Bool { get }

  /// Writes what the results say of each sample, `[n, k]`: probabilities where it takes outputs as
  /// such.
  func answers(from results: Results, in builder: inout Builder) -> Value
}

extension Loss {
  func takes(width: Int, for labels: LabelKind) -> Bool { width == labels.width }
  var targetRange: ClosedRange<Float>? { nil }
  var givesProbabilities: Bool { false }
  func answers(from results: Results, in builder: inout Builder) -> Value { results.predictions }
}

/// The losses that a configuration can name; the raw value is the word in the file.
package enum LossKind: String, Sendable, CaseIterable {
  case crossEntropy = "cross_entropy"
  case binaryCrossEntropy = "binary_cross_entropy"
  case mse, mae, huber

  var type: any Loss.Type {
    switch self {
    case .crossEntropy: CrossEntropy.self
    case .binaryCrossEntropy: BinaryCrossEntropy.self
    case .mse: MeanSquaredError.self
    case .mae: MeanAbsoluteError.self
    case .huber: Huber.self
    }
  }
}

/// What the layers of a network make of samples.
struct Results {
  /// The last layer's values, `[n, k]`.
  let predictions: Value
  /// What kind of layer that is, and what it was applied to.
  let last: LayerKind?
  let beforeLast: Value

  /// The values that a layer of this kind would make predictions of: what went into it, if the
  /// network ends with one.
  func logits(of kind: LayerKind) -> Value { last == kind ? beforeLast : predictions }
}

/// What the predictions should have been.
enum Truth {
  /// Class numbers, int32 `[n]`, out of so many.
  case labels(Value, classes: Int)
  /// Real numbers, float32 `[n, k]`.
  case targets(Value)
}

extension Builder {
  /// Real numbers to predict; of classes, 1 for the sample's own and 0 for the others.
  mutating func targets(of truth: Truth) -> Value {
    switch truth {
    case .labels(let labels, let classes): emit(.oneHot(classes: classes), labels)
    case .targets(let targets): targets
    }
  }

  /// The mean over the outputs of each sample: `[n, k]` to `[n]`.
  mutating func meanOverOutputs(of x: Value) -> Value {
    let shape = shape(of: x)
    let sums = reshape(sum(x, axes: [1]), [shape[0]])
    return multiply(sums, by: 1 / Double(shape[1]))
  }
}
