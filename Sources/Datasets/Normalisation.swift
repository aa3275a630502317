/// What brings a dataset's numbers to mean 0 and deviation 1.
package struct Normalisation: Equatable, Sendable {
  /// What a number is multiplied with first: 1/255 for pixels.
  package let scale: Float
  /// The mean and the deviation after scaling, over every number of every sample.
  package let mean: Float
  package let deviation: Float

  package init(scale: Float, mean: Float, deviation: Float) {
    self.scale = scale
    self.mean = mean
    self.deviation = deviation
  }

  /// Measured; a set of equal numbers keeps its deviation of 1.
  package init(of elements: Dataset.Elements) {
    let (scale, mean, variance) =
      switch elements {
      case .bytes(let values): Normalisation.moments(values)
      case .floats(let values): Normalisation.moments(values)
      }
    let deviation = Float(variance.squareRoot())
    self.init(scale: scale, mean: Float(mean), deviation: deviation > 0 ? deviation : 1)
  }

  private typealias Moments = (scale: Float, mean: Double, variance: Double)

  private static func moments(_ values: [UInt8]) -> Moments {
    var (sum, squares) = (0, 0)
    for value in values {
      sum += Int(value)
      squares += Int(value) * Int(value)
    }
    let mean = Double(sum) / Double(max(1, values.count))
    let variance = Double(squares) / Double(max(1, values.count)) - mean * mean
    return (1 / 255, mean / 255, max(0, variance) / (255 * 255))
  }

  private static func moments(_ values: [Float]) -> Moments {
    let count = Double(max(1, values.count))
    let mean = values.reduce(0) { $0 + Double($1) } / count
    let variance = values.reduce(0) { sum, value in
      sum + (Double(value) - mean) * (Double(value) - mean)
    }
    return (1, mean, variance / count)
  }
}
