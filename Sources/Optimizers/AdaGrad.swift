package import Configuration

/// AdaGrad: the gradient divided by the root of the sum of its squares so far.
package struct AdaGrad: Optimizer {
  package var learningRate: Double
  package var epsilon: Double
  package var weightDecay: Double

  package init(
    learningRate: Double = 0.01, epsilon: Double = 1e-10, weightDecay: Double = 0
  ) {
    self.learningRate = learningRate
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  package static let schema = Schema(
    "adagrad", AdaGrad(), main: "learning_rate",
    [.learningRate, .epsilon(\.epsilon), .weightDecay(\.weightDecay)],
    help: "AdaGrad: steps shrink with the sum of all squared gradients.")

  package var update: any UpdateFormula {
    AdaptiveMomentUpdate(
      squares: (1, 1), epsilon: epsilon, coupledDecay: weightDecay, moments: ["sum"])
  }
}
