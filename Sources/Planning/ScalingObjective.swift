internal import Elementary

/// A training run as a point of the law.
package struct ScalingPoint: Equatable, Sendable {
  package let parameters: Double
  package let tokens: Double
  package let loss: Double

  package init(parameters: Double, tokens: Double, loss: Double) {
    self.parameters = parameters
    self.tokens = tokens
    self.loss = loss
  }

  package var compute: Double { ScalingLaw.operations * parameters * tokens }
}

/// What a fit minimises: the weighted sum of Huber's losses of `ln L - ln law`, as Hoffmann and
/// others define it.
///
/// The variables are `(a, b, e, alpha, beta)` with `A = exp a`, `B = exp b` and `E = exp e`, so the
/// logarithm of the law is that of a sum of exponentials. Logarithms of N and D count from their
/// means, which makes a and alpha, and b and beta, nearly independent.
package struct ScalingObjective {
  /// The residual above which Huber's loss is linear.
  static let delta = 1e-3

  package var weights: [Double]
  private let points: [(parameters: Double, tokens: Double, loss: Double)]
  private let centre: (parameters: Double, tokens: Double)

  package init(_ runs: [ScalingPoint]) {
    let logarithms = runs.map {
      (
        parameters: Double.log($0.parameters), tokens: Double.log($0.tokens),
        loss: Double.log($0.loss)
      )
    }
    let count = Double(runs.count)
    let centre = (
      parameters: logarithms.reduce(0) { $0 + $1.parameters } / count,
      tokens: logarithms.reduce(0) { $0 + $1.tokens } / count
    )
    self.centre = centre
    points = logarithms.map {
      ($0.parameters - centre.parameters, $0.tokens - centre.tokens, $0.loss)
    }
    weights = [Double](repeating: 1, count: runs.count)
  }

  /// The value at some variables, and its gradient.
  package func callAsFunction(_ x: LBFGS.Vector) -> (value: Double, gradient: LBFGS.Vector) {
    let (delta, alpha, beta) = (Self.delta, x[3], x[4])
    var value = 0.0
    var gradient = LBFGS.Vector()
    for (point, weight) in zip(points, weights) {
      let terms = (
        x[0] - alpha * point.parameters, x[1] - beta * point.tokens, x[2]
      )
      let most = max(terms.0, terms.1, terms.2)
      let parts = (
        Double.exp(terms.0 - most), Double.exp(terms.1 - most), Double.exp(terms.2 - most)
      )
      let sum = parts.0 + parts.1 + parts.2
      let residual = most + .log(sum) - point.loss
      let size = abs(residual)
      value += weight * (size <= delta ? residual * residual / 2 : delta * (size - delta / 2))
      let slope = weight * min(max(residual, -delta), delta) / sum
      gradient[0] += slope * parts.0
      gradient[1] += slope * parts.1
      gradient[2] += slope * parts.2
      gradient[3] -= slope * parts.0 * point.parameters
      gradient[4] -= slope * parts.1 * point.tokens
    }
    return (value, gradient)
  }

  /// The variables of `(a, b, e, alpha, beta)` whose logarithms count from 0.
  package func variables(
    a: Double, b: Double, e: Double, alpha: Double, beta: Double
  ) -> LBFGS.Vector {
    LBFGS.Vector(
      a - alpha * centre.parameters, b - beta * centre.tokens, e, alpha, beta, 0, 0, 0)
  }

  func law(at x: LBFGS.Vector) -> ScalingLaw {
    ScalingLaw(
      e: .exp(x[2]), a: .exp(x[0] + x[3] * centre.parameters),
      b: .exp(x[1] + x[4] * centre.tokens), alpha: x[3], beta: x[4])
  }
}
