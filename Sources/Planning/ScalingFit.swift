package import Diagnostics
internal import Elementary
internal import Randomness

/// The law that fits some runs best, and the laws of a bootstrap.
package struct ScalingFit: Sendable {
  package let points: [ScalingPoint]
  package let law: ScalingLaw
  /// The law of each bootstrap sample, without samples in which the loss does not fall.
  package let replicates: [ScalingLaw]

  /// The number of runs that a fit needs: that of the constants.
  package static let leastRuns = 5
  package static let replicateCount = 400

  /// Fits the law to at least five runs of at least three sizes and three numbers of tokens.
  package init(_ points: [ScalingPoint]) throws(Failure) {
    guard points.count >= Self.leastRuns else {
      throw Self.tooFewRuns(points.count)
    }
    for (name, place) in [
      ("parameters", \ScalingPoint.parameters), ("tokens", \ScalingPoint.tokens),
    ] {
      let count = Set(points.map { $0[keyPath: place] }).count
      guard count >= 3 else {
        throw Failure(
          .badData,
          "the runs have \(count == 1 ? "one number" : "\(count) numbers") of \(name), expected at "
            + "least 3: train runs with other numbers")
      }
    }
    self.points = points
    var objective = ScalingObjective(points)
    let best = Self.starts(of: objective).map { start in
      LBFGS.minimise(
        from: start, iterations: 200, tolerance: 1e-9, objective.callAsFunction)
    }.min { $0.value < $1.value }
    guard let best else { preconditionFailure("the grid has starts") }
    let least = Self.descend(from: best.point, objective)
    law = objective.law(at: least)
    guard law.isValid else {
      let isOfTokens = law.alpha > 0 && law.a > 0
      let (name, value, what) =
        isOfTokens ? ("beta", law.beta, "tokens") : ("alpha", law.alpha, "parameters")
      throw Failure(
        .badData,
        "the best fit has \(name) = \(value.formatted(digits: 3)): the loss of these runs does not "
          + "fall with the number of \(what); add runs with more of them")
    }
    var replicates: [ScalingLaw] = []
    for sample in 0..<Self.replicateCount {
      objective.weights = Self.weights(points.count, sample: sample)
      let law = objective.law(at: Self.descend(from: least, objective))
      if law.isValid { replicates.append(law) }
    }
    self.replicates = replicates
  }

  static func tooFewRuns(_ count: Int) -> Failure {
    Failure(
      .usage,
      "the law has \(leastRuns) constants, so a fit needs at least \(leastRuns) runs, "
        + "found \(count)")
  }

  /// The difference of each run's loss from the law.
  package var residuals: [Double] {
    points.map { $0.loss - law.loss(parameters: $0.parameters, tokens: $0.tokens) }
  }

  /// The grid of starts of Hoffmann and others: all combinations of these values.
  private static func starts(of objective: ScalingObjective) -> [LBFGS.Vector] {
    let factors = stride(from: 0.0, through: 25, by: 5)
    let exponents = stride(from: 0.0, through: 2, by: 0.5)
    var starts: [LBFGS.Vector] = []
    for a in factors {
      for b in factors {
        for e in stride(from: -1.0, through: 1, by: 0.5) {
          for alpha in exponents {
            for beta in exponents {
              starts.append(objective.variables(a: a, b: b, e: e, alpha: alpha, beta: beta))
            }
          }
        }
      }
    }
    return starts
  }

  private static func descend(from start: LBFGS.Vector, _ objective: ScalingObjective)
    -> LBFGS.Vector
  {
    LBFGS.minimise(
      from: start, iterations: 2000, tolerance: 1e-13, objective.callAsFunction
    ).point
  }

  /// Weights of Rubin's Bayesian bootstrap (1981), with a sum of `count`.
  ///
  /// Drawing whole runs would often leave fewer different runs than constants.
  private static func weights(_ count: Int, sample: Int) -> [Double] {
    let stream = RandomStream(seed: 1, purpose: .resampling, major: UInt64(sample))
    let weights = (0..<count).map { -Double.log(1 - stream.uniformDouble(at: $0)) }
    let sum = weights.reduce(0, +)
    return weights.map { $0 * Double(count) / sum }
  }
}
