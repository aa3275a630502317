package import Configuration

/// RMSProp: the gradient divided by the root of a running mean of its square.
package struct RMSProp: Optimizer {
  package var learningRate: Double
  /// Decay of the mean of squared gradients.
  package var alpha: Double
  package var epsilon: Double
  package var weightDecay: Double

  package init(
    learningRate: Double = 0.01, alpha: Double = 0.99, epsilon: Double = 1e-8,
    weightDecay: Double = 0
  ) {
    self.learningRate = learningRate
    self.alpha = alpha
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  package static let schema = Schema(
    "rmsprop", RMSProp(), main: "learning_rate",
    [
      .learningRate,
      Property(
        "alpha", \.alpha, .number(in: .from(0, below: 1)),
        help: "Decay of the mean of squared gradients."),
      .epsilon(\.epsilon), .weightDecay(\.weightDecay),
    ],
    help: "RMSProp: steps in units of the recent size of the gradient.")

  package var update: any UpdateFormula {
    AdaptiveMomentUpdate(
      squares: (alpha, 1 - alpha), epsilon: epsilon, coupledDecay: weightDecay,
      moments: ["square_avg"])
  }
}
