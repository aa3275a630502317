internal import Elementary

/// A step along a gradient, or the mean of gradients, in units of the root of an average of squares.
struct AdaptiveMomentUpdate {
  /// Decay of the mean of gradients; nil to follow the gradient itself.
  var meanDecay: Double?
  /// What becomes of the average of squares: kept of it, taken of the new square.
  var squares: (keep: Double, take: Double)
  /// Whether averages are divided by the weight that they have gathered since they were zero.
  var isCorrected = false
  /// Whether the greatest average of squares so far is what counts.
  var hasMaximum = false
  var epsilon: Double
  /// Times the weights, added to the gradient.
  var coupledDecay = 0.0
  /// Times the weights and the learning rate, taken off the weights.
  var decoupledDecay = 0.0
  /// The names of the mean, the squares and the maximum, as far as there are such.
  var moments: [String]

  /// What is the same for all elements of one step, computed in Double.
  struct Step {
    let update: AdaptiveMomentUpdate
    /// The learning rate, corrected for the mean.
    let rate: Double
    /// The correction of the root.
    let scale: Double
    /// What decoupled decay leaves of a weight.
    let keep: Double
  }

  func step(_ number: Int, learningRate: Double) -> Step {
    var (rate, scale) = (learningRate, 1.0)
    if isCorrected {
      rate /= 1 - .power(meanDecay ?? 0, number)
      scale /= (1 - .power(squares.keep, number)).squareRoot()
    }
    return Step(
      update: self, rate: rate, scale: scale, keep: 1 - learningRate * decoupledDecay)
  }
}

extension AdaptiveMomentUpdate.Step {
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func apply<Scalar: BinaryFloatingPoint>(
    to range: Range<Int>, of weights: UnsafeMutablePointer<Scalar>,
    gradient: UnsafePointer<Scalar>, moments: [UnsafeMutablePointer<Scalar>], decays: Bool
  ) {
    // One loop for each form, so that none reads or writes a moment that it does not have.
    switch (update.meanDecay != nil, update.hasMaximum) {
    case (false, false):
      unsafe run(range, weights, gradient, moments, decays, hasMean: false, hasMaximum: false)
    case (false, true):
      unsafe run(range, weights, gradient, moments, decays, hasMean: false, hasMaximum: true)
    case (true, false):
      unsafe run(range, weights, gradient, moments, decays, hasMean: true, hasMaximum: false)
    case (true, true):
      unsafe run(range, weights, gradient, moments, decays, hasMean: true, hasMaximum: true)
    }
  }

  /// d = g + coupled w;  m = keep m + take d, or d;  v = keep v + take d d;  u = max(u, v), or v;
  /// w = kept w - rate m / (scale sqrt(u) + epsilon).
  @inline(__always)
  private func run<Scalar: BinaryFloatingPoint>(
    _ range: Range<Int>, _ weights: UnsafeMutablePointer<Scalar>,
    _ gradient: UnsafePointer<Scalar>, _ moments: [UnsafeMutablePointer<Scalar>], _ decays: Bool,
    hasMean: Bool, hasMaximum: Bool
  ) {
    let means = unsafe moments[0]
    let squares = unsafe moments[hasMean ? 1 : 0]
    let maxima = unsafe moments[moments.count - 1]
    let decay = Scalar(decays ? update.coupledDecay : 0)
    let kept = Scalar(decays ? keep : 1)
    let keepMean = Scalar(update.meanDecay ?? 0)
    let takeMean = Scalar(1 - (update.meanDecay ?? 0))
    let keepSquare = Scalar(update.squares.keep)
    let takeSquare = Scalar(update.squares.take)
    let (rate, scale, epsilon) = (Scalar(rate), Scalar(scale), Scalar(update.epsilon))
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
      // Seeing that the root is of no negative number, the compiler spares libm's error number,
      // which would keep the loop from being vectorised.
      let root = max(square, 0).squareRoot()
      unsafe weights[i] = kept * weights[i] - rate * direction / (root * scale + epsilon)
    }
  }
}
