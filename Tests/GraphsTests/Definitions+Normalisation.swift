import Graphs

/// Normalisation element by element, by the textbook: `group` says which elements share a mean.
struct NormalisationDefinition {
  let x: Tensor
  let epsilon: Double
  let group: ([Int]) -> Int

  /// Batch, layer or group normalisation.
  init(_ x: Tensor, _ composite: Composite) {
    self.x = x
    let channels = x.shape[x.shape.rank - 1]
    switch composite {
    case .batchNorm(let epsilon):
      self.epsilon = epsilon
      group = { $0[$0.count - 1] }
    case .groupNorm(let epsilon, let groups):
      self.epsilon = epsilon
      group = { $0[0] * groups + $0[$0.count - 1] / (channels / groups) }
    case .layerNorm(let epsilon):
      self.epsilon = epsilon
      group = { $0[0] }
    default: preconditionFailure("\(composite) is no normalisation")
    }
  }

  func mean(_ number: Int, of element: ([Int]) -> Double) -> Double {
    let members = indices(of: x.shape).filter { group($0) == number }
    return members.reduce(0) { $0 + element($1) } / Double(members.count)
  }

  func mean(_ number: Int) -> Double { mean(number) { x[$0] } }

  func variance(_ number: Int) -> Double {
    let mean = mean(number)
    return self.mean(number) { (x[$0] - mean) * (x[$0] - mean) }
  }

  /// x with mean 0 and variance 1.
  var standardised: Tensor {
    Tensor(x.shape) {
      (x[$0] - mean(group($0))) / (variance(group($0)) + epsilon).squareRoot()
    }
  }

  func normalised(_ scale: Tensor, _ shift: Tensor) -> Tensor {
    let y = standardised
    return Tensor(x.shape) { y[$0] * scale[[$0[$0.count - 1]]] + shift[[$0[$0.count - 1]]] }
  }

  /// x normalised, scaled and shifted (0), the means (1) or the variances (2).
  func result(_ result: Int, _ scale: Tensor, _ shift: Tensor) -> Tensor {
    guard result > 0 else { return normalised(scale, shift) }
    let groups = Set(indices(of: x.shape).map(group)).sorted()
    return Tensor([groups.count], groups.map { result == 1 ? mean($0) : variance($0) })
  }

  /// The gradient by x (0), the scale (1) or the shift (2) from that of a result.
  func gradient(of operand: Int, _ scale: Tensor, from result: Int, _ g: Tensor) -> Tensor {
    guard result > 0 else { return gradient(of: operand, scale, g) }
    guard operand == 0 else { return Tensor(scale.shape, repeating: 0) }
    return Tensor(x.shape) { index in
      let number = group(index)
      let share = g[[number]] / Double(indices(of: x.shape).count { group($0) == number })
      return result == 1 ? share : 2 * (x[index] - mean(number)) * share
    }
  }

  private func gradient(of operand: Int, _ scale: Tensor, _ g: Tensor) -> Tensor {
    let y = standardised
    guard operand == 0 else {
      return Tensor(scale.shape) { channel in
        indices(of: x.shape).filter { $0[$0.count - 1] == channel[0] }
          .reduce(0) { $0 + g[$1] * (operand == 1 ? y[$1] : 1) }
      }
    }
    let h = Tensor(x.shape) { g[$0] * scale[[$0[$0.count - 1]]] }
    return Tensor(x.shape) { index in
      let number = group(index)
      let along = y[index] * mean(number) { h[$0] * y[$0] }
      return (h[index] - mean(number) { h[$0] } - along)
        / (variance(number) + epsilon).squareRoot()
    }
  }
}
