/// The exponential moving average that batch normalisation keeps over steps.
package enum RunningAverage {
  /// running = (1 - momentum) running + momentum value.
  @unsafe
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func update<Scalar: BinaryFloatingPoint>(
    _ range: Range<Int>, of running: UnsafeMutablePointer<Scalar>,
    with values: UnsafePointer<Scalar>, momentum: Double
  ) {
    let (keep, take) = (Scalar(1 - momentum), Scalar(momentum))
    for i in range { unsafe running[i] = keep * running[i] + take * values[i] }
  }
}
