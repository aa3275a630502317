internal import Configuration

extension Key {
  static func learningRate(_ standard: Double) -> Key {
    Key(
      "learning_rate", .number(in: .above(0, to: 1000)), default: .init(floatLiteral: standard),
      help: "Step size, before any schedule.")
  }

  static var weightDecay: Key {
    Key(
      "weight_decay", .number(in: .from(0, to: 1000)), default: 0,
      help: "Times the weights, added to the gradient.")
  }
}
