package import Configuration
package import Diagnostics

/// Stochastic gradient descent, with momentum in PyTorch's form.
package struct SGD: Optimizer {
  package var learningRate: Double
  package var momentum: Double
  /// Whether the gradient is added to the direction once more, as if one step ahead.
  package var nesterov: Bool
  package var weightDecay: Double

  package init(
    learningRate: Double = 0.01, momentum: Double = 0, nesterov: Bool = false,
    weightDecay: Double = 0
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.nesterov = nesterov
    self.weightDecay = weightDecay
  }

  package static let schema = Schema(
    "sgd", SGD(), main: "learning_rate",
    [
      .learningRate,
      Property(
        "momentum", \.momentum, .number(in: .from(0, below: 1)),
        help: "Share of the last update's direction that is kept."),
      Property(
        "nesterov", \.nesterov,
        help: "Adds the gradient to the direction once more, as if one step ahead."),
      .weightDecay(\.weightDecay),
    ],
    help: "Stochastic gradient descent, with PyTorch's form of momentum.")

  package func check(_ settings: Settings) throws(Failure) {
    guard !nesterov || momentum > 0 else {
      throw settings.failure(
        at: "nesterov", "there is no momentum to look ahead along: set momentum too, such as 0.9")
    }
  }

  package var update: any UpdateFormula {
    MomentumUpdate(momentum: momentum, weightDecay: weightDecay, isNesterov: nesterov)
  }
}
