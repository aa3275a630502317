extension Optimizer {
  /// The rule with its numbers, a line for each quantity: g is the gradient, w a weight, t the
  /// number of the step; a prime marks what comes after the step.
  package func formulas(learningRate: Double) -> [String] {
    switch rule {
    case .momentum(let update): update.formulas(learningRate)
    case .adaptiveMoment(let update): update.formulas(learningRate)
    }
  }
}

extension MomentumUpdate {
  fileprivate func formulas(_ rate: Double) -> [String] {
    var lines: [String] = []
    var direction = "g"
    if weightDecay > 0 {
      lines.append("d = g + \(weightDecay) * w, without decay for biases and norms")
      direction = "d"
    }
    if momentum > 0 {
      lines.append("b' = \(momentum) * b + \(direction)")
      direction = isNesterov ? "(\(direction) + \(momentum) * b')" : "b'"
    }
    return lines + ["w' = w - \(rate) * \(direction)"]
  }
}

extension AdaptiveMomentUpdate {
  fileprivate func formulas(_ rate: Double) -> [String] {
    var lines: [String] = []
    var direction = "g"
    if coupledDecay > 0 {
      lines.append("d = g + \(coupledDecay) * w, without decay for biases and norms")
      direction = "d"
    }
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
