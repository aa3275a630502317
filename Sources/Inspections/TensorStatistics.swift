/// Statistics of the values of a tensor; NaN and infinities propagate.
package struct TensorStatistics: Equatable, Sendable {
  package let least: Double
  package let greatest: Double
  package let mean: Double
  /// The L2 norm.
  package let norm: Double

  package init(of values: [Float]) {
    var (least, greatest) = (Double.infinity, -Double.infinity)
    var (sum, squares) = (0.0, 0.0)
    for value in values.lazy.map(Double.init) {
      // Comparisons would ignore NaN.
      least = value.isNaN ? value : min(least, value)
      greatest = value.isNaN ? value : max(greatest, value)
      sum += value
      squares += value * value
    }
    self.least = least
    self.greatest = greatest
    mean = sum / Double(max(1, values.count))
    norm = squares.squareRoot()
  }
}
