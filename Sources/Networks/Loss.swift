package import Configuration
package import Diagnostics
package import Graphs

/// A loss: a struct of settings and one function that only builds graph.
package protocol Loss: Configurable {
  /// The shapes of outputs for one sample that it can compare with these targets, the best first.
  func outputs(for targets: TargetType) -> [Shape]

  /// Writes the loss of each target; where a target does not count, any number.
  func terms(
    of results: Results, against truth: Truth, in builder: inout Builder
  ) throws(Misfit) -> Value

  /// Whether the terms of real targets along the last axis add up to one: that of a distribution.
  var takesDistributions: Bool { get }

  /// Whether integers of a field are numbers of classes for it.
  var takesClasses: Bool { get }

  /// The range of real targets, if not all numbers have a meaning.
  var targetRange: ClosedRange<Float>? { get }

  /// Whether it takes the outputs for classes as probabilities.
  var givesProbabilities: Bool { get }

  /// Whether the loss of a class is -log p, and nothing else.
  var isLogLikelihood: Bool { get }

  /// Writes the predictions for each sample: probabilities where it takes outputs as such.
  func answers(from results: Results, in builder: inout Builder) -> Value
}

extension Loss {
  package func outputs(for targets: TargetType) -> [Shape] { [targets.outputs] }
  package var takesDistributions: Bool { false }
  package var takesClasses: Bool { false }
  package var targetRange: ClosedRange<Float>? { nil }
  package var givesProbabilities: Bool { false }
  package var isLogLikelihood: Bool { false }
  package func answers(from results: Results, in builder: inout Builder) -> Value {
    results.predictions
  }

  /// Its name in a file.
  package var name: String { Self.schema.record.name }
}

/// A kind of loss that a file can name: its keys, and the value that they build.
package struct LossKind: Sendable {
  package let record: Record
  let make: @Sendable (Settings) throws(Failure) -> any Loss

  init<T: Loss>(_ type: T.Type) {
    let own = T.schema.record
    record = Record(own.name, main: own.main, keys: own.keys + [Self.target], help: own.help)
    make = { (settings) throws(Failure) in try T(settings) }
  }

  /// The loss of a name with its standard settings; nil if there is none of that name.
  package static func standard(_ name: String) throws(Failure) -> (any Loss)? {
    guard let kind = all.first(where: { $0.record.name == name }) else { return nil }
    return try kind.make(Settings(kind.record, [:]))
  }

  package static let all = [
    LossKind(CrossEntropy.self), LossKind(BinaryCrossEntropy.self),
    LossKind(MeanSquaredError.self), LossKind(MeanAbsoluteError.self), LossKind(Huber.self),
  ]

  package static let kind = Kind.variant("loss", all.map(\.record))

  /// The key of all losses that names the field to compare outputs with.
  private static let target = Key(
    "target", .text, default: .absent,
    help:
      "The field of the data that outputs are compared with: the labels or targets of the dataset"
      + " if left out; samples makes an autoencoder, which is to return what it is given.")
}

extension [LossKind] {
  /// The kind of a name that the schema has checked.
  func named(_ name: String) -> LossKind {
    guard let kind = first(where: { $0.record.name == name }) else {
      preconditionFailure("the schema has a loss '\(name)' that no kind names")
    }
    return kind
  }
}

/// The outputs of the layer that a loss reads.
package struct Results {
  /// Its values, `[n, ...]`.
  let predictions: Value
  /// The layer, and its input.
  let last: any Layer
  let beforeLast: Value

  /// Whether the layer is this activation.
  func end(with activation: Activation) -> Bool { activation ~= last }

  /// The values before this activation: the layer's input, if the layer is one.
  func logits(of activation: Activation) -> Value {
    end(with: activation) ? beforeLast : predictions
  }
}

/// The targets of predictions.
package struct Truth {
  package enum Targets {
    /// Class numbers, int32 `[n, ...]`, out of so many.
    case labels(Value, classes: Int)
    /// Real numbers, float32 `[n, ...]`.
    case values(Value)
  }

  /// Those that do not count are class 0 or the number 0.
  let targets: Targets
  var values: Value {
    switch targets {
    case .labels(let labels, _): labels
    case .values(let values): values
    }
  }

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
