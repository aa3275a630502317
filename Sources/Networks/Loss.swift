internal import Configuration
internal import Graphs

/// What a network is to make small: a struct of settings and one function that only builds graph.
protocol Loss: Sendable {
  static var schema: Record { get }

  init(_ settings: Settings)

  /// The outputs for one sample that it can compare with such targets, the best first.
  func outputs(for targets: TargetType) -> [Shape]

  /// Writes the loss of each target, whatever it is where a target does not count.
  func terms(
    of results: Results, against truth: Truth, in builder: inout Builder
  ) throws(Misfit) -> Value

  /// Whether the terms of real targets along the last axis add up to one: that of a distribution.
  var takesDistributions: Bool { get }

  /// What real targets must be within, if not all numbers have a meaning.
  var targetRange: ClosedRange<Float>? { get }

  /// Whether it takes the outputs for classes as probabilities.
  var givesProbabilities: Bool { get }

  /// Writes what the results say of each sample: probabilities where it takes outputs as such.
  func answers(from results: Results, in builder: inout Builder) -> Value
}

extension Loss {
  func outputs(for targets: TargetType) -> [Shape] { [targets.outputs] }
  var takesDistributions: Bool { false }
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

  /// The key of all losses that names the field to compare outputs with.
  static let target = Key(
    "target", .text, default: .absent,
    help:
      "The field of the data that outputs are compared with: the labels or targets of the dataset"
      + " if left out; samples makes an autoencoder, which is to return what it is given.")

  var schema: Record {
    let own = type.schema
    return Record(own.name, main: own.main, keys: own.keys + [Self.target], help: own.help)
  }
}

/// What the layers of a network make of samples.
struct Results {
  /// The last layer's values, `[n, ...]`.
  let predictions: Value
  /// What kind of layer that is, and what it was applied to.
  let last: LayerKind?
  let beforeLast: Value

  /// The values that a layer of this kind would make predictions of: what went into it, if the
  /// network ends with one.
  func logits(of kind: LayerKind) -> Value { last == kind ? beforeLast : predictions }
}

/// What the predictions should have been.
struct Truth {
  enum Targets {
    /// Class numbers, int32 `[n, ...]`, out of so many.
    case labels(Value, classes: Int)
    /// Real numbers, float32 `[n, ...]`.
    case values(Value)
  }

  /// Those that do not count are class 0 or the number 0.
  let targets: Targets
  /// Where targets count, as a mask of their shape; nil where all do.
  let counts: Value?
}

extension Builder {
  /// Real numbers to predict; of classes, 1 for the target's own and 0 for the others.
  mutating func numbers(of truth: Truth) -> Value {
    switch truth.targets {
    case .labels(let labels, let classes): emit(.oneHot(classes: classes), labels)
    case .values(let targets): targets
    }
  }

  /// The loss of each target, given that of each output: a class's loss is the mean over the
  /// outputs for it.
  mutating func terms(_ losses: Value, against truth: Truth) -> Value {
    guard case .labels(let labels, let classes) = truth.targets else { return losses }
    return reshape(
      multiply(sumOverLast(losses), by: 1 / Double(classes)), shape(of: labels))
  }

  /// The sums along the last axis, which is dropped.
  mutating func sumOverLast(_ x: Value) -> Value {
    let shape = shape(of: x)
    return reshape(sum(x, axes: [shape.rank - 1]), Shape(Array(shape.extents.dropLast())))
  }
}
