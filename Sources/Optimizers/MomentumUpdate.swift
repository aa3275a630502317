/// Gradient descent with a decaying sum of past gradients.
struct MomentumUpdate: UpdateFormula {
  let momentum: Double
  let weightDecay: Double
  let isNesterov: Bool

  /// Without momentum there is no buffer.
  var moments: [String] { momentum == 0 ? [] : ["momentum_buffer"] }

  /// d = g + decay w;  b = momentum b + d;  w -= rate b, or rate (d + momentum b) with Nesterov.
  ///
  /// On the first step b is d, as in PyTorch, because the buffer starts at zero.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func apply<Scalar: BinaryFloatingPoint>(
    _ step: OptimizerStep, to range: Range<Int>, of weights: UnsafeMutablePointer<Scalar>,
    gradient: UnsafePointer<Scalar>, moments: [UnsafeMutablePointer<Scalar>], decays: Bool
  ) {
    let rate = Scalar(step.rate)
    let decay = Scalar(decays ? weightDecay : 0)
    guard let buffer = unsafe moments.first else {
      for i in range {
        unsafe weights[i] -= rate * (gradient[i] + decay * weights[i])
      }
      return
    }
    let momentum = Scalar(momentum)
    let isNesterov = isNesterov
    for i in range {
      let direction = unsafe gradient[i] + decay * weights[i]
      let sum = unsafe momentum * buffer[i] + direction
      unsafe buffer[i] = sum
      unsafe weights[i] -= rate * (isNesterov ? direction + momentum * sum : sum)
    }
  }

  func formulas(learningRate rate: Double) -> [String] {
    var (lines, direction) = decayFormula(weightDecay)
    if momentum > 0 {
      lines.append("b' = \(momentum) * b + \(direction)")
      direction = isNesterov ? "(\(direction) + \(momentum) * b')" : "b'"
    }
    return lines + ["w' = w - \(rate) * \(direction)"]
  }
}

/// The line of decay that is added to the gradient, if there is any, and the name of their sum.
func decayFormula(_ decay: Double) -> (lines: [String], direction: String) {
  decay > 0 ? (["d = g + \(decay) * w, without decay for biases and norms"], "d") : ([], "g")
}
