internal import Configuration

extension Key {
  static func learningRate(_ standard: Double) -> Key {
    Key(
      "learning_rate", .number(in: .above(0, to: 1000)), default: .init(floatLiteral: standard),
      help: "Step size, before the schedule.")
  }

  static func epsilon(_ standard: Double) -> Key {
    Key(
      "epsilon", .number(in: .from(1e-30, to: 1)), default: .init(floatLiteral: standard),
      help: "Added to the root, so that a vanishing gradient does not divide by zero.")
  }

  static let weightDecay = Key(
    "weight_decay", .number(in: .from(0, to: 1000)), default: 0,
    help: "Times the weights, added to the gradient; biases and norms are spared.")
}
