package import Configuration

/// Adam, with bias correction; epsilon stands outside the root.
package struct Adam: AdamOptimizer {
  package var learningRate: Double
  package var beta1: Double
  package var beta2: Double
  package var epsilon: Double
  package var amsgrad: Bool
  package var weightDecay: Double

  package init(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, amsgrad: Bool = false, weightDecay: Double = 0
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.amsgrad = amsgrad
    self.weightDecay = weightDecay
  }

  package static let schema = Schema(
    "adam", Adam(), main: "learning_rate",
    [.learningRate] + momentProperties + [.weightDecay(\.weightDecay)],
    help: "Adam, with bias correction; epsilon stands outside the root.")

  package var update: any UpdateFormula {
    var update = adamUpdate
    update.coupledDecay = weightDecay
    return update
  }
}

/// Adam with weight decay that the moments do not see.
package struct AdamW: AdamOptimizer {
  package var learningRate: Double
  package var beta1: Double
  package var beta2: Double
  package var epsilon: Double
  package var amsgrad: Bool
  package var weightDecay: Double

  package init(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, amsgrad: Bool = false, weightDecay: Double = 0.01
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.amsgrad = amsgrad
    self.weightDecay = weightDecay
  }

  package static let schema = Schema(
    "adamw", AdamW(), main: "learning_rate",
    [.learningRate] + momentProperties + [
      .weightDecay(
        \.weightDecay,
        help: "Times the learning rate, the share that weights lose in a step; "
          + "biases and norms are spared.")
    ],
    help: "Adam with decay that stays out of the moments.")

  package var update: any UpdateFormula {
    var update = adamUpdate
    update.decoupledDecay = weightDecay
    return update
  }
}

/// What Adam and AdamW share.
protocol AdamOptimizer: Optimizer {
  /// Decay of the mean of gradients.
  var beta1: Double { get set }
  /// Decay of the mean of squared gradients.
  var beta2: Double { get set }
  var epsilon: Double { get set }
  /// Whether steps are divided by the greatest mean of squares so far.
  var amsgrad: Bool { get set }
}

extension AdamOptimizer {
  static var momentProperties: [Property<Self>] {
    [
      Property(
        "beta1", \.beta1, .number(in: .from(0, below: 1)), help: "Decay of the mean of gradients."),
      Property(
        "beta2", \.beta2, .number(in: .from(0, below: 1)),
        help: "Decay of the mean of squared gradients."),
      .epsilon(\.epsilon),
      Property(
        "amsgrad", \.amsgrad,
        help: "Divides by the greatest mean of squares so far, in PyTorch's form."),
    ]
  }

  var adamUpdate: AdaptiveMomentUpdate {
    AdaptiveMomentUpdate(
      meanDecay: beta1, squares: (beta2, 1 - beta2), isCorrected: true, hasMaximum: amsgrad,
      epsilon: epsilon, moments: ["exp_avg", "exp_avg_sq"] + (amsgrad ? ["max_exp_avg_sq"] : []))
  }
}
