internal import Elementary

/// Normally distributed numbers.
public final class NormalDistribution {
  /// The mean.
  public let mean: Float
  /// The standard deviation.
  public let deviation: Float
  private var source: any RandomNumberGenerator

  /// A distribution; under mpirun all ranks need a source that gives them the same numbers.
  public init(
    randomSource: any RandomNumberGenerator = SystemRandomNumberGenerator(), mean: Float = 0,
    deviation: Float = 0.01
  ) {
    source = randomSource
    self.mean = mean
    self.deviation = deviation
  }

  /// The next number.
  public func nextFloat() -> Float { mean + deviation * .normal(using: &source) }
}

extension Float {
  /// A number of mean 0 and deviation 1 (Box and Muller 1958).
  static func normal(using generator: inout some RandomNumberGenerator) -> Float {
    let radius = (-2 * Double.log(1 - .random(in: 0..<1, using: &generator))).squareRoot()
    return Float(radius * .cos(2 * .pi * .random(in: 0..<1, using: &generator)))
  }
}
