/// How weights follow their gradient, and how far.
struct Rule: Equatable {
  var optimizer: Optimizer?
  var learningRate: Float

  /// The value of a configuration's `optimizer`.
  ///
  /// Where the derivative of the loss is to be taken so many times, the rate is, or for Adam, whose steps do
  /// not depend on the scale of gradients, epsilon.
  func text(stepFactor: Double) -> String {
    let rate = Double(learningRate.description) ?? Double(learningRate)
    switch optimizer {
    case nil: return "{sgd: {learning_rate: \(rate * stepFactor)}}"
    case .adam(let b1, let b2, let eps):
      let epsilon = (Double(eps.description) ?? Double(eps)) / stepFactor
      return "{adam: {learning_rate: \(rate), beta1: \(b1), beta2: \(b2), epsilon: \(epsilon)}}"
    }
  }
}
