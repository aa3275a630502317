internal import Elementary

/// The loss of a language model by its number of parameters N and of training tokens D:
/// `E + A / N^alpha + B / D^beta` (Hoffmann and others 2022).
package struct ScalingLaw: Equatable, Sendable {
  /// The loss that no model falls below.
  package let e: Double
  package let a: Double
  package let b: Double
  package let alpha: Double
  package let beta: Double

  package init(e: Double, a: Double, b: Double, alpha: Double, beta: Double) {
    self.e = e
    self.a = a
    self.b = b
    self.alpha = alpha
    self.beta = beta
  }

  /// The constants with their names, in the order of the formula.
  package static let constants:
    [(name: String, value: any KeyPath<ScalingLaw, Double> & Sendable)] = [
      ("E", \.e), ("A", \.a), ("B", \.b), ("alpha", \.alpha), ("beta", \.beta),
    ]

  /// The floating-point operations of training for each parameter and token: 2 forwards, 4
  /// backwards.
  package static let operations = 6.0

  package func loss(parameters: Double, tokens: Double) -> Double {
    e + a * .exp(-alpha * .log(parameters)) + b * .exp(-beta * .log(tokens))
  }

  /// The exponent of the compute in the optimal number of parameters; that of tokens is the rest.
  package var parameterExponent: Double { beta / (alpha + beta) }

  /// The numbers of parameters and tokens of the least loss for a compute of `6 N D`.
  package func optimum(compute: Double) -> (parameters: Double, tokens: Double) {
    let products = compute / Self.operations
    let balance = (Double.log(alpha * a) - .log(beta * b)) / (alpha + beta)
    let parameters = Double.exp(balance + parameterExponent * .log(products))
    return (parameters, products / parameters)
  }
}
