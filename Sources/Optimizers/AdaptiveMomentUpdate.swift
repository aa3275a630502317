internal import Configuration

/// A step along the mean of the gradients, in units of the root of the mean of their squares.
struct AdaptiveMomentUpdate {
  let beta1: Double
  let beta2: Double
  let epsilon: Double
  let weightDecay: Double

  static let adam = Record(
    "adam", main: "learning_rate",
    keys: [
      .learningRate(0.001),
      Key(
        "beta1", .number(in: .from(0, below: 1)), default: 0.9,
        help: "Decay of the mean of gradients."),
      Key(
        "beta2", .number(in: .from(0, below: 1)), default: 0.999,
        help: "Decay of the mean of squared gradients."),
      Key(
        "epsilon", .number(in: .from(1e-30, to: 1)), default: 1e-8,
        help: "Added to the root, so that a vanishing gradient does not divide by zero."),
      .weightDecay,
    ],
    help: "Adam, with bias correction; epsilon stands outside the root.")

  init(_ settings: Settings) {
    beta1 = settings.number("beta1")
    beta2 = settings.number("beta2")
    epsilon = settings.number("epsilon")
    weightDecay = settings.number("weight_decay")
  }

  var moments: [String] { ["exp_avg", "exp_avg_sq"] }

  /// d = g + decay w;  m = b1 m + (1 - b1) d;  v = b2 v + (1 - b2) d d;
  /// w -= rate / (1 - b1^t) m / (sqrt(v) / sqrt(1 - b2^t) + epsilon).
  ///
  /// The corrections are computed once, in Double, and rounded; the rest is rounded at each step.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func apply<Scalar: BinaryFloatingPoint>(
    _ weights: UnsafeMutableBufferPointer<Scalar>, _ gradient: UnsafeBufferPointer<Scalar>,
    _ moments: [UnsafeMutableBufferPointer<Scalar>], step: Int, learningRate: Double
  ) {
    let means = unsafe moments[0]
    let squares = unsafe moments[1]
    let decay = Scalar(weightDecay)
    let epsilon = Scalar(epsilon)
    let keep1 = Scalar(beta1)
    let take1 = Scalar(1 - beta1)
    let keep2 = Scalar(beta2)
    let take2 = Scalar(1 - beta2)
    let rate = Scalar(learningRate / (1 - power(beta1, step)))
    let scale = Scalar(1 / (1 - power(beta2, step)).squareRoot())
    for i in 0..<weights.count {
      let direction = unsafe gradient[i] + decay * weights[i]
      let mean = unsafe keep1 * means[i] + take1 * direction
      let square = unsafe keep2 * squares[i] + take2 * direction * direction
      unsafe means[i] = mean
      unsafe squares[i] = square
      // Seeing that the root is of no negative number, the compiler spares libm's error number,
      // which would keep the loop from being vectorised.
      let root = max(square, 0).squareRoot()
      unsafe weights[i] -= rate * mean / (root * scale + epsilon)
    }
  }
}
