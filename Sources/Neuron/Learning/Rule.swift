internal import Optimizers

/// The optimiser and the learning rate.
struct Rule: Equatable {
  var optimizer: Optimizer?
  var learningRate: Float

  /// The optimiser of a run whose loss has `stepFactor` times too small a derivative.
  ///
  /// The factor goes into the rate, or for Adam, whose steps do not depend on the scale of
  /// gradients, into epsilon.
  func optimizer(stepFactor: Double) -> any Optimizers.Optimizer {
    let rate = Double(decimal: learningRate)
    switch optimizer {
    case nil: return SGD(learningRate: rate * stepFactor)
    case .adam(let b1, let b2, let eps):
      return Optimizers.Adam(
        learningRate: rate, beta1: Double(decimal: b1), beta2: Double(decimal: b2),
        epsilon: Double(decimal: eps) / stepFactor)
    }
  }
}

extension Double {
  /// The number that a float's shortest decimal says: 0.1, and not 0.10000000149.
  init(decimal number: Float) { self = Double(number.description) ?? Double(number) }
}
