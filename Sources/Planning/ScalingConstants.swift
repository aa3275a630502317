package import Diagnostics
internal import Elementary
internal import Files
internal import Randomness

/// A scaling law with its uncertainty and what it was fitted to.
package struct ScalingConstants: Sendable {
  package let name: String
  package let source: String
  package let law: ScalingLaw
  /// Laws that the data support as well: intervals are quantiles over them; empty if no intervals
  /// are known.
  package let replicates: [ScalingLaw]
  /// Whose tokens the loss is in nats of.
  package let tokens: String
  /// The least and the greatest compute of the runs.
  package let compute: ClosedRange<Double>

  package init(
    name: String, source: String, law: ScalingLaw, replicates: [ScalingLaw], tokens: String,
    compute: ClosedRange<Double>
  ) {
    self.name = name
    self.source = source
    self.law = law
    self.replicates = replicates
    self.tokens = tokens
    self.compute = compute
  }

  /// The constants of a fit to one's own runs.
  package init(_ fit: ScalingFit, source: String, tokens: String) {
    let compute = fit.points.map(\.compute).sorted()
    self.init(
      name: "own", source: source, law: fit.law, replicates: fit.replicates, tokens: tokens,
      compute: (compute.first ?? 0)...(compute.last ?? 0))
  }

  /// The interval of a quantity that depends on the law; nil if none is known.
  package func interval(_ quantity: (ScalingLaw) -> Double) -> Interval? {
    Interval(of: replicates.map(quantity))
  }

  // MARK: Published constants

  /// Constants of this name, or of a file.
  package init(named name: String) throws(Failure) {
    if let known = Self.published.first(where: { $0.name == name }) {
      self = known
    } else if fileStatus(name) != nil {
      try self.init(file: name)
    } else {
      throw Failure(
        .usage,
        "option '--constants': '\(name)' is neither a file nor the name of published constants"
          + Suggestion.hint(for: name, among: Self.published.map(\.name)))
    }
  }

  /// The published constants, the default first.
  package static let published = [epoch, hoffmann, hoffmannTeX]

  private static let massiveText = "Hoffmann and others' tokeniser and data (MassiveText)"
  private static let runs = 1e18...1.3e22

  private static let epoch: ScalingConstants = {
    let law = ScalingLaw(
      e: 1.81686, a: 482.00572, b: 2085.4342, alpha: 0.34781, beta: 0.36585)
    return ScalingConstants(
      name: "epoch", source: "Besiroglu and others 2024 (Epoch AI), arXiv 2404.10102", law: law,
      replicates: draws(
        around: law, e: Interval(1.769, 1.871), a: Interval(285, 744), b: Interval(1042, 5810),
        alpha: Interval(0.317, 0.373), beta: Interval(0.331, 0.415)),
      tokens: massiveText, compute: runs)
  }()

  private static let hoffmann = ScalingConstants(
    name: "hoffmann", source: "Hoffmann and others 2022, as printed, arXiv 2203.15556",
    law: ScalingLaw(e: 1.69, a: 406.4, b: 410.7, alpha: 0.34, beta: 0.28), replicates: [],
    tokens: massiveText, compute: runs)

  private static let hoffmannTeX = ScalingConstants(
    name: "hoffmann-tex", source: "Hoffmann and others 2022, digits of the TeX source",
    law: ScalingLaw(
      e: .exp(0.5267228), a: .exp(6.0073404), b: .exp(6.0179186), alpha: 0.33917084,
      beta: 0.2849083), replicates: [], tokens: massiveText, compute: runs)

  /// Laws drawn from published 95 % intervals.
  ///
  /// Runs determine the terms `A / N^alpha` and `B / D^beta`, not their factors, so A moves with
  /// alpha, and B with beta. The three numbers that remain are drawn independently, from two
  /// halves of normal distributions.
  private static func draws(
    around law: ScalingLaw, e: Interval, a: Interval, b: Interval, alpha: Interval, beta: Interval
  ) -> [ScalingLaw] {
    func rise(_ factor: Interval, _ exponent: Interval) -> Double {
      (Double.log(factor.upper) - .log(factor.lower)) / (exponent.upper - exponent.lower)
    }
    func drawn(_ normal: Float, _ value: Double, _ interval: Interval) -> Double {
      let half = normal < 0 ? value - interval.lower : interval.upper - value
      return value + Double(normal) * half / 1.96
    }
    let (riseOfA, riseOfB) = (rise(a, alpha), rise(b, beta))
    return (0..<1000).map { sample in
      let stream = RandomStream(seed: 1, purpose: .resampling, unit: 1, major: UInt64(sample))
      let newAlpha = drawn(stream.normal(at: 0), law.alpha, alpha)
      let newBeta = drawn(stream.normal(at: 1), law.beta, beta)
      return ScalingLaw(
        e: drawn(stream.normal(at: 2), law.e, e),
        a: law.a * .exp(riseOfA * (newAlpha - law.alpha)),
        b: law.b * .exp(riseOfB * (newBeta - law.beta)), alpha: newAlpha, beta: newBeta)
    }
  }
}
