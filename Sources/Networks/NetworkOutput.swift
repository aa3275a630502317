/// An output of a network, with the targets that its loss compares it with.
package struct NetworkOutput: Sendable {
  /// The name of its layer; empty where it is the only one.
  package let name: String
  /// Its loss, target field, weight and metrics.
  package let output: ModelOutput
  package let targets: TargetType
  /// Whether its layer is a softmax.
  let endsWithSoftmax: Bool
  /// Whether what it predicts for classes in an evaluation is probabilities already.
  package let predictsProbabilities: Bool

  /// Whether its losses are -log p of the target's class.
  package let isLogLikelihood: Bool

  /// Whether its losses are those of the tokens of a text in nats.
  package var isOfText: Bool { isLogLikelihood && [.next, .masked].contains(targets.text) }
  /// Whether each token of the text is a target, so that they have its bytes.
  package var coversText: Bool { isOfText && targets.text == .next }

  /// What follows the names of its values in programs: `losses/mask`.
  package static func suffix(of name: String) -> String { name.isEmpty ? "" : "/\(name)" }
  package var suffix: String { Self.suffix(of: name) }

  /// The range of real targets; nil where any number can be one.
  package var targetRange: ClosedRange<Float>? {
    targets.kind == .values ? output.loss.targetRange : nil
  }

  /// The range of the numbers of its target field; nil where any number can be one.
  package var fieldRange: ClosedRange<Float>? {
    targets.classes.map { 0...Float($0 - 1) } ?? targetRange
  }

  /// Whether its answers for classes are probabilities.
  package var givesProbabilities: Bool { output.loss.givesProbabilities || endsWithSoftmax }
}
