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

/// A number to a whole power by repeated squaring: the same bits on every machine, unlike `pow`.
func power(_ base: Double, _ exponent: Int) -> Double {
  var result = 1.0
  var square = base
  var rest = exponent
  while rest > 0 {
    if rest & 1 == 1 { result *= square }
    square *= square
    rest >>= 1
  }
  return result
}
