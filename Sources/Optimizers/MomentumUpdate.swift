internal import Configuration
internal import Diagnostics

/// Gradient descent with a decaying sum of past gradients.
struct MomentumUpdate {
  let momentum: Double
  let weightDecay: Double
  /// Whether a step looks ahead, to where the momentum is about to lead.
  let isNesterov: Bool

  static let sgd = Record(
    "sgd", main: "learning_rate",
    keys: [
      .learningRate(0.01),
      Key(
        "momentum", .number(in: .from(0, below: 1)), default: 0,
        help: "Share of the last update's direction that is kept."),
      Key(
        "nesterov", .boolean, default: false,
        help: "Adds the gradient to the direction once more, as if one step ahead."),
      .weightDecay,
    ],
    help: "Stochastic gradient descent, with PyTorch's form of momentum.")

  init(_ settings: Settings) throws(Failure) {
    momentum = settings.number("momentum")
    weightDecay = settings.number("weight_decay")
    isNesterov = settings.boolean("nesterov")
    guard !isNesterov || momentum > 0 else {
      throw settings.failure(
        at: "nesterov", "there is no momentum to look ahead along: set momentum too, such as 0.9")
    }
  }

  /// Without momentum there is nothing to remember.
  var moments: [String] { momentum == 0 ? [] : ["momentum_buffer"] }

  /// d = g + decay w;  b = momentum b + d;  w -= rate b, or rate (d + momentum b) with Nesterov.
  ///
  /// On the first step b is d, as in PyTorch, because the buffer starts at zero.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func apply<Scalar: BinaryFloatingPoint>(
    to range: Range<Int>, of weights: UnsafeMutablePointer<Scalar>,
    gradient: UnsafePointer<Scalar>, moments: [UnsafeMutablePointer<Scalar>],
    learningRate: Double, decays: Bool
  ) {
    let rate = Scalar(learningRate)
    let decay = Scalar(decays ? weightDecay : 0)
    guard let buffer = unsafe moments.first else {
      for i in range {
        unsafe weights[i] -= rate * (gradient[i] + decay * weights[i])
      }
      return
    }
    let momentum = Scalar(momentum)
    let isNesterov = isNesterov
    for i in range {
      let direction = unsafe gradient[i] + decay * weights[i]
      let sum = unsafe momentum * buffer[i] + direction
      unsafe buffer[i] = sum
      unsafe weights[i] -= rate * (isNesterov ? direction + momentum * sum : sum)
    }
  }
}
