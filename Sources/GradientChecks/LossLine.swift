internal import Diagnostics
internal import Graphs

/// A derivative and its uncertainty, from rounding and from the step size.
struct DerivativeEstimate {
  let value: Double
  let uncertainty: Double
}

/// The loss along a line through a point, as a function of one parameter.
struct LossLine {
  let loss: ReferenceLoss
  let parameter: String
  /// The parameter and all values of the program at the point.
  let tensor: Tensor
  let values: ValueTable<Tensor>
  let line: GradientProbe.Line

  /// The losses on both sides of the point; nil if there is a kink in between.
  private func pair(at distance: Double) throws(Failure) -> LossPair? {
    loss.pair(
      try loss.values(values, parameter, line.moved(tensor, by: -distance)),
      try loss.values(values, parameter, line.moved(tensor, by: distance)))
  }

  /// The derivative from one pair of points; its uncertainty leaves out the truncation error.
  func derivative(step: Double) throws(Failure) -> DerivativeEstimate? {
    guard let pair = try pair(at: step) else { return nil }
    return DerivativeEstimate(
      value: pair.difference / (2 * step), uncertainty: pair.rounding / (2 * step))
  }

  /// The derivative from steps that are halved, extrapolated to zero: Richardson's method, as in
  /// Ridders 1982.
  ///
  /// Nil if the loss is not smooth within two of the steps.
  ///
  /// `rounding` is the rounding error of the loss at one point, if it is known.
  func derivative(around step: Double, rounding: Double) throws(Failure) -> DerivativeEstimate? {
    var best: DerivativeEstimate?
    var former: [Double] = []
    for halvings in 0..<Self.steps {
      let step = Self.widening * step / Double(1 << halvings)
      guard let pair = try pair(at: step) else {
        former = []
        continue
      }
      let noise = max(pair.rounding, 2 * rounding) / (2 * step)
      var row = [pair.difference / (2 * step)]
      var factor = 1.0
      for (order, wider) in former.prefix(Self.orders).enumerated() {
        factor *= 4
        let value = row[order] + (row[order] - wider) / (factor - 1)
        // Both extrapolated numbers have larger errors, unless they agree by chance.
        let change = max(abs(value - row[order]), abs(value - wider))
        let uncertainty = Self.caution * change + noise
        if uncertainty < best?.uncertainty ?? .infinity {
          best = DerivativeEstimate(value: value, uncertainty: uncertainty)
        }
        row.append(value)
      }
      former = row
    }
    return best
  }

  private static let steps = 12
  private static let widening = 64.0
  private static let orders = 4
  private static let caution = 4.0
}

/// The losses of all samples at two points.
struct LossPair {
  let low: [Double]
  let high: [Double]

  /// The sum of the samples' differences; it has smaller rounding errors than the difference of
  /// sums.
  var difference: Double { zip(high, low).reduce(0) { $0 + ($1.0 - $1.1) } }

  /// The rounding error of the difference.
  ///
  /// A loss near zero still has the errors of the logits, which are about one.
  var rounding: Double {
    zip(high, low).reduce(0) { $0 + (1 + abs($1.0) + abs($1.1)) } * 0x1p-52 * 8
  }
}
