package import Graphs

/// What the data say about each sample, for a model to learn.
package struct TargetType: Hashable, Sendable, CustomStringConvertible {
  package enum Kind: Hashable, Sendable {
    /// The number of a class, out of so many: the input `labels`.
    case classes(Int)
    /// A real number: the input `targets`.
    case values
  }

  /// What one target is.
  package let kind: Kind
  /// The targets of one sample: `[]` is a single one, `[h, w]` has one for each pixel.
  package let shape: Shape
  /// Whether some targets do not count: those of class -1, and real ones that are NaN.
  package let ignoresSome: Bool
  /// The number of different tokens, if the samples consist of such.
  package let tokens: Int?
  /// What tokens the classes are, if they are such.
  package let text: Text?

  /// What a loss that takes any real number standardises each target by; empty: it takes them as
  /// they are.
  package private(set) var scales: [Scale] = []

  /// The mean and the deviation of a target over the training set.
  package struct Scale: Hashable, Sendable {
    package let mean: Double
    package let deviation: Double

    package init(mean: Double, deviation: Double) {
      self.mean = mean
      self.deviation = deviation
    }
  }

  package enum Text: Sendable {
    /// The next ones of the samples, which are a text.
    case next
    /// Hidden ones of the samples.
    case masked
    /// Those of another text, and its end.
    case translation
  }

  package static func classes(
    _ count: Int, shape: Shape = [], ignoresSome: Bool = false, tokens: Int? = nil,
    text: Text? = nil
  ) -> TargetType {
    TargetType(
      kind: .classes(count), shape: shape, ignoresSome: ignoresSome, tokens: tokens,
      text: text)
  }

  package static func values(
    _ shape: Shape, ignoresSome: Bool = false, tokens: Int? = nil
  ) -> TargetType {
    TargetType(kind: .values, shape: shape, ignoresSome: ignoresSome, tokens: tokens, text: nil)
  }

  /// The same targets with other scales.
  package func scaled(by scales: [Scale]) -> TargetType {
    precondition(scales.isEmpty || scales.count == shape.count)
    var type = self
    type.scales = scales
    return type
  }

  package static func values(_ width: Int) -> TargetType { .values([width]) }

  /// A field that the data hold beside the samples, for layers or a loss to read.
  package struct NamedField: Hashable, Sendable {
    package let name: String
    /// Its number type, and the normalisation where layers read it.
    package let input: SampleInput
    /// Of one sample's part; a single number is a vector of one.
    package let shape: Shape
    /// Its numbers are from 0 to one less than this, if they name rows of a table.
    package let entries: Int?

    package init(
      _ name: String, _ input: SampleInput, _ shape: Shape, entries: Int? = nil
    ) {
      self.name = name
      self.input = input
      self.entries = entries
      self.shape = shape.rank == 0 ? [1] : shape
    }

    package init(_ name: String, _ number: NumberType, _ shape: Shape, entries: Int? = nil) {
      self.init(name, SampleInput(number), shape, entries: entries)
    }

    package var number: NumberType { input.number }
  }

  /// The number of classes; nil where targets are real numbers.
  package var classes: Int? { if case .classes(let count) = kind { count } else { nil } }

  /// What a model must make of one sample: a number for each class of each target, or for each real
  /// target.
  package var outputs: Shape { classes.map { Shape(shape.extents + [$0]) } ?? shape }

  package var description: String {
    let places = shape.rank > 0 ? " at each of \(shape.text) places" : ""
    if let classes { return "\(classes) classes\(places)" }
    return shape.rank == 1
      ? "\(shape.count) targets a sample" : "targets of \(shape.text) for each sample"
  }
}
