internal import Configuration

/// Gradient descent with a decaying sum of past gradients.
struct MomentumUpdate {
  let momentum: Double
  let weightDecay: Double

  static let sgd = Record(
    "sgd", main: "learning_rate",
    keys: [
      .learningRate(0.01),
      Key(
        "momentum", .number(in: .from(0, below: 1)), default: 0,
        help: "Share of the last update's direction that is kept."),
      .weightDecay,
    ],
    help: "Stochastic gradient descent, with PyTorch's form of momentum.")

  init(_ settings: Settings) {
    momentum = settings.number("momentum")
    weightDecay = settings.number("weight_decay")
  }

  /// Without momentum there is nothing to remember.
  var moments: [String] { momentum == 0 ? [] : ["momentum_buffer"] }

  /// d = g + decay w;  b = momentum b + d;  w -= rate b.
  ///
  /// On the first step b is d, as in PyTorch, because the buffer starts at zero.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func apply<Scalar: BinaryFloatingPoint>(
    _ weights: UnsafeMutableBufferPointer<Scalar>, _ gradient: UnsafeBufferPointer<Scalar>,
    _ moments: [UnsafeMutableBufferPointer<Scalar>], learningRate: Double
  ) {
    let rate = Scalar(learningRate)
    let decay = Scalar(weightDecay)
    guard let buffer = unsafe moments.first else {
      for i in 0..<weights.count {
        unsafe weights[i] -= rate * (gradient[i] + decay * weights[i])
      }
      return
    }
    let momentum = Scalar(momentum)
    for i in 0..<weights.count {
      let direction = unsafe momentum * buffer[i] + (gradient[i] + decay * weights[i])
      unsafe buffer[i] = direction
      unsafe weights[i] -= rate * direction
    }
  }
}
