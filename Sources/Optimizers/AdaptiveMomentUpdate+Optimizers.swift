internal import Configuration

/// The optimisers that users know, each with its settings and what it makes of them.
extension AdaptiveMomentUpdate {
  typealias Named = (record: Record, make: @Sendable (Settings) -> AdaptiveMomentUpdate)

  static let named: [Named] = [adam, adamW, rmsProp, adaGrad]

  private static let adam: Named = (
    Record(
      "adam", main: "learning_rate",
      keys: [.learningRate(0.001)] + adamKeys + [.weightDecay],
      help: "Adam, with bias correction; epsilon stands outside the root."),
    { settings in
      var update = AdaptiveMomentUpdate(adam: settings)
      update.coupledDecay = settings.number("weight_decay")
      return update
    }
  )

  private static let adamW: Named = (
    Record(
      "adamw", main: "learning_rate",
      keys: [.learningRate(0.001)] + adamKeys + [
        Key(
          "weight_decay", .number(in: .from(0, to: 1000)), default: 0.01,
          help: "Times the learning rate, the share that weights lose in a step; "
            + "biases and norms are spared.")
      ],
      help: "Adam with decay that stays out of the moments."),
    { settings in
      var update = AdaptiveMomentUpdate(adam: settings)
      update.decoupledDecay = settings.number("weight_decay")
      return update
    }
  )

  private static let rmsProp: Named = (
    Record(
      "rmsprop", main: "learning_rate",
      keys: [
        .learningRate(0.01),
        Key(
          "alpha", .number(in: .from(0, below: 1)), default: 0.99,
          help: "Decay of the mean of squared gradients."),
        .epsilon(1e-8), .weightDecay,
      ],
      help: "RMSProp: steps in units of the recent size of the gradient."),
    { settings in
      let alpha = settings.number("alpha")
      return AdaptiveMomentUpdate(
        squares: (alpha, 1 - alpha), epsilon: settings.number("epsilon"),
        coupledDecay: settings.number("weight_decay"), moments: ["square_avg"])
    }
  )

  private static let adaGrad: Named = (
    Record(
      "adagrad", main: "learning_rate",
      keys: [.learningRate(0.01), .epsilon(1e-10), .weightDecay],
      help: "AdaGrad: steps shrink with the sum of all squared gradients."),
    { settings in
      AdaptiveMomentUpdate(
        squares: (1, 1), epsilon: settings.number("epsilon"),
        coupledDecay: settings.number("weight_decay"), moments: ["sum"])
    }
  )

  private static let adamKeys = [
    Key(
      "beta1", .number(in: .from(0, below: 1)), default: 0.9,
      help: "Decay of the mean of gradients."),
    Key(
      "beta2", .number(in: .from(0, below: 1)), default: 0.999,
      help: "Decay of the mean of squared gradients."),
    .epsilon(1e-8),
    Key(
      "amsgrad", .boolean, default: false,
      help: "Divides by the greatest mean of squares so far, in PyTorch's form."),
  ]

  private init(adam settings: Settings) {
    let beta2 = settings.number("beta2")
    let hasMaximum = settings.boolean("amsgrad")
    self.init(
      meanDecay: settings.number("beta1"), squares: (beta2, 1 - beta2), isCorrected: true,
      hasMaximum: hasMaximum, epsilon: settings.number("epsilon"),
      moments: ["exp_avg", "exp_avg_sq"] + (hasMaximum ? ["max_exp_avg_sq"] : []))
  }
}
