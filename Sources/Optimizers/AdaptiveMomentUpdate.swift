internal import Elementary

/// A step along the gradient, or its mean, divided by the root of an average of squared gradients.
struct AdaptiveMomentUpdate: UpdateFormula {
  /// Decay of the mean of gradients; nil steps along the gradient itself.
  var meanDecay: Double?
  /// The average of squares is keep · average + take · new square.
  var squares: (keep: Double, take: Double)
  /// Whether both averages get Adam's bias correction.
  var isCorrected = false
  /// Whether the greatest average of squares so far takes the average's place.
  var hasMaximum = false
  var epsilon: Double
  /// Times the weights, added to the gradient.
  var coupledDecay = 0.0
  /// Times the weights and the learning rate, subtracted from the weights.
  var decoupledDecay = 0.0
  /// The names of the mean, the squares and the maximum, of those that there are.
  var moments: [String]

  func step(_ number: Int, learningRate: Double) -> OptimizerStep {
    var step = OptimizerStep(rate: learningRate, keep: 1 - learningRate * decoupledDecay)
    if isCorrected {
      step.rate /= 1 - .power(meanDecay ?? 0, number)
      step.rootScale /= (1 - .power(squares.keep, number)).squareRoot()
    }
    return step
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func apply<Scalar: BinaryFloatingPoint>(
    _ step: OptimizerStep, to range: Range<Int>, of weights: UnsafeMutablePointer<Scalar>,
    gradient: UnsafePointer<Scalar>, moments: [UnsafeMutablePointer<Scalar>], decays: Bool
  ) {
    // One loop for each form, so that none reads or writes a moment that it does not have.
    switch (meanDecay != nil, hasMaximum) {
    case (false, false):
      unsafe run(step, range, weights, gradient, moments, decays, hasMean: false, hasMaximum: false)
    case (false, true):
      unsafe run(step, range, weights, gradient, moments, decays, hasMean: false, hasMaximum: true)
    case (true, false):
      unsafe run(step, range, weights, gradient, moments, decays, hasMean: true, hasMaximum: false)
    case (true, true):
      unsafe run(step, range, weights, gradient, moments, decays, hasMean: true, hasMaximum: true)
    }
  }

  /// d = g + coupled w;  m = keep m + take d, or d;  v = keep v + take d d;  u = max(u, v), or v;
  /// w = keep w - rate m / (scale sqrt(u) + epsilon).
  @inline(__always)
  private func run<Scalar: BinaryFloatingPoint>(
    _ step: OptimizerStep, _ range: Range<Int>, _ weights: UnsafeMutablePointer<Scalar>,
    _ gradient: UnsafePointer<Scalar>, _ moments: [UnsafeMutablePointer<Scalar>], _ decays: Bool,
    hasMean: Bool, hasMaximum: Bool
  ) {
    let means = unsafe moments[0]
    let squares = unsafe moments[hasMean ? 1 : 0]
    let maxima = unsafe moments[moments.count - 1]
    let decay = Scalar(decays ? coupledDecay : 0)
    let keep = Scalar(decays ? step.keep : 1)
    let keepMean = Scalar(meanDecay ?? 0)
    let takeMean = Scalar(1 - (meanDecay ?? 0))
    let keepSquare = Scalar(self.squares.keep)
    let takeSquare = Scalar(self.squares.take)
    let (rate, scale, epsilon) = (Scalar(step.rate), Scalar(step.rootScale), Scalar(epsilon))
    for i in range {
      var direction = unsafe gradient[i] + decay * weights[i]
      var square = unsafe keepSquare * squares[i] + takeSquare * direction * direction
      unsafe squares[i] = square
      if hasMean {
        direction = unsafe keepMean * means[i] + takeMean * direction
        unsafe means[i] = direction
      }
      if hasMaximum {
        square = unsafe maxima[i] > square ? maxima[i] : square
        unsafe maxima[i] = square
      }
      // max(square, 0) shows the compiler that the root needs no errno, which would keep the loop
      // from being vectorised.
      let root = max(square, 0).squareRoot()
      unsafe weights[i] = keep * weights[i] - rate * direction / (root * scale + epsilon)
    }
  }

  func formulas(learningRate rate: Double) -> [String] {
    var (lines, direction) = decayFormula(coupledDecay)
    lines.append(
      squares.keep == 1
        ? "v' = v + \(direction)^2"
        : "v' = \(squares.keep) * v + (1 - \(squares.keep)) * \(direction)^2")
    if let meanDecay {
      lines.append("m' = \(meanDecay) * m + (1 - \(meanDecay)) * \(direction)")
      direction = "m'"
    }
    var root = "v'"
    if hasMaximum {
      lines.append("u' = max(u, v')")
      root = "u'"
    }
    root = "sqrt(\(root))"
    if isCorrected {
      direction += " / (1 - \(meanDecay ?? 0)^t)"
      root += " / sqrt(1 - \(squares.keep)^t)"
    }
    let weight = decoupledDecay > 0 ? "(1 - \(rate) * \(decoupledDecay)) * w" : "w"
    return lines + ["w' = \(weight) - \(rate) * \(direction) / (\(root) + \(epsilon))"]
  }
}
