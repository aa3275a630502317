/// Figures over the numbers of a tensor; numbers that are not finite make them so.
package struct TensorFigures: Equatable, Sendable {
  package let least: Double
  package let greatest: Double
  package let mean: Double
  /// The square root of the sum of squares.
  package let norm: Double

  package init(of values: [Float]) {
    var (least, greatest) = (Double.infinity, -Double.infinity)
    var (sum, squares) = (0.0, 0.0)
    for value in values.lazy.map(Double.init) {
      // Comparisons would pass over what is not a number.
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
