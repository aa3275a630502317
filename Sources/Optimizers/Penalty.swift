package import Configuration

/// A term of the loss that grows with the weights: l1 Σ|w| + l2/2 Σw².
package struct Penalty: Configurable {
  package var l1: Double
  package var l2: Double

  package init(l1: Double = 0, l2: Double = 0) {
    self.l1 = l1
    self.l2 = l2
  }

  package static let schema = Schema(
    "penalty", Penalty(),
    [
      Property(
        "l1", \.l1, .number(in: .from(0, to: 1000)),
        help: "Adds l1 times the sum of magnitudes to the loss."),
      Property(
        "l2", \.l2, .number(in: .from(0, to: 1000)),
        help: "Adds l2 times half the sum of squares to the loss."),
    ],
    help: "Terms of the loss that keep weights small; biases and norms are spared.")

  package var isZero: Bool { l1 == 0 && l2 == 0 }

  /// Adds the derivative, l1 sign(w) + l2 w, to a gradient, and returns the penalty itself.
  ///
  /// The sign of 0 is 0. The penalty is summed in Double, in eight partial sums from the
  /// range's first element on.
  @unsafe
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func add<Scalar: BinaryFloatingPoint>(
    to gradient: UnsafeMutablePointer<Scalar>, for range: Range<Int>,
    of weights: UnsafePointer<Scalar>
  ) -> Double {
    let (first, second) = (Scalar(l1), Scalar(l2))
    for i in range {
      let weight = unsafe weights[i]
      let slope = weight > 0 ? first : weight < 0 ? -first : 0
      unsafe gradient[i] += slope + second * weight
    }
    let (l1, half) = (l1, l2 / 2)
    var sums = SIMD8<Double>()
    let end = range.lowerBound + range.count / 8 * 8
    for i in stride(from: range.lowerBound, to: end, by: 8) {
      for lane in 0..<8 {
        let weight = unsafe Double(weights[i + lane])
        sums[lane] += l1 * weight.magnitude + half * (weight * weight)
      }
    }
    for i in end..<range.upperBound {
      let weight = unsafe Double(weights[i])
      sums[i - end] += l1 * weight.magnitude + half * (weight * weight)
    }
    let four = sums.lowHalf + sums.highHalf
    let two = four.lowHalf + four.highHalf
    return two[0] + two[1]
  }
}
