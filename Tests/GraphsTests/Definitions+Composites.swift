import Glibc
import Graphs
import TestSupport

/// What a composite means, element by element, by the textbook.
func definition(
  _ composite: Composite, _ x: [Tensor], to shape: Shape, _ result: Int
) -> Tensor {
  switch composite {
  case .softmax:
    return Tensor(shape) { index in
      let row = (0..<shape[shape.rank - 1]).map { x[0][Array(index.dropLast() + [$0])] }
      return 1 / row.reduce(0) { $0 + exp($1 - x[0][index]) }
    }
  case .softmaxCrossEntropy:
    guard result == 0 else { return definition(.softmax, [x[0]], to: shape, 0) }
    return Tensor(shape) { index in
      let label = Int(x[1][index])
      let sum = (0..<x[0].shape[1]).reduce(0) {
        $0 + exp(x[0][index + [$1]] - x[0][index + [label]])
      }
      return log(sum)
    }
  case .batchNorm, .layerNorm, .groupNorm:
    return NormalisationDefinition(x[0], composite).result(result, x[1], x[2])
  case .rmsNorm(let epsilon):
    return RMSNormDefinition(x: x[0], scale: x[1], epsilon: epsilon).result(result)
  case .gelu:
    return Tensor(shape) { result == 0 ? x[0][$0] * normalShare(x[0][$0]) : geluSlope(x[0][$0]) }
  case .attention(let attention):
    return AttentionDefinition(attention, x).result(result, shape)
  case .selectiveScan:
    return SelectiveScanDefinition(x).result(result, shape)
  case .gradient(let composite, let given):
    // Gradients are linear in those of the results.
    let gradients = zip(given, x.suffix(given.count))
    let parts = gradients.map { gradient(of: composite, x, from: $0, $1, to: shape, result) }
    return Tensor(shape) { index in parts.reduce(0) { $0 + $1[index] } }
  }
}

/// What the gradient of one result of a composite gives to an operand.
private func gradient(
  of composite: Composite, _ x: [Tensor], from given: Int, _ g: Tensor, to shape: Shape,
  _ operand: Int
) -> Tensor {
  switch composite {
  case .softmax: return softmaxGradient(x[0], g)
  case .softmaxCrossEntropy:
    guard given == 0 else { return softmaxGradient(x[0], g) }
    let y = definition(.softmax, [x[0]], to: shape, 0)
    return Tensor(shape) { (y[$0] - (Double($0[1]) == x[1][[$0[0]]] ? 1 : 0)) * g[[$0[0]]] }
  case .batchNorm, .layerNorm, .groupNorm:
    return NormalisationDefinition(x[0], composite).gradient(of: operand, x[1], from: given, g)
  case .rmsNorm(let epsilon):
    return RMSNormDefinition(x: x[0], scale: x[1], epsilon: epsilon)
      .gradient(of: operand, from: given, g)
  case .gelu:
    return Tensor(shape) { index in
      let (x, g) = (x[0][index], g[index])
      // The derivative of the slope is (2 - x²) times the density.
      return g * (given == 0 ? geluSlope(x) : (2 - x * x) * normalDensity(x))
    }
  case .attention(let attention):
    return AttentionDefinition(attention, x).gradient(of: operand, from: given, g)
  case .selectiveScan:
    return SelectiveScanDefinition(x).gradient(of: operand, from: given, g)
  case .gradient:
    preconditionFailure("a gradient composite has no gradient composite")
  }
}

private func normalDensity(_ x: Double) -> Double { exp(-x * x / 2) / (2 * Double.pi).squareRoot() }
private func normalShare(_ x: Double) -> Double { erfc(-x / 2.0.squareRoot()) / 2 }
private func geluSlope(_ x: Double) -> Double { normalShare(x) + x * normalDensity(x) }

private func softmaxGradient(_ x: Tensor, _ g: Tensor) -> Tensor {
  let y = definition(.softmax, [x], to: x.shape, 0)
  return Tensor(x.shape) { index in
    (0..<x.shape[x.shape.rank - 1]).reduce(0) { sum, j in
      let other = Array(index.dropLast() + [j])
      return sum + g[other] * y[other] * ((other == index ? 1 : 0) - y[index])
    }
  }
}

/// RMS normalisation along the last axis.
private struct RMSNormDefinition {
  let x, scale: Tensor
  let epsilon: Double

  private func row(_ index: [Int], _ element: ([Int]) -> Double) -> Double {
    let columns = scale.shape.count
    return (0..<columns).reduce(0) { $0 + element(index.dropLast() + [$1]) } / Double(columns)
  }

  /// The mean square of the row that an element belongs to.
  private func square(_ index: [Int]) -> Double { row(index) { x[$0] * x[$0] } }
  private func root(_ index: [Int]) -> Double { (square(index) + epsilon).squareRoot() }
  private func scale(_ index: [Int]) -> Double { scale[[index[index.count - 1]]] }

  /// The number of the row that an element belongs to.
  private func number(_ index: [Int]) -> Int {
    zip(index, x.shape.extents).dropLast().reduce(0) { $0 * $1.1 + $1.0 }
  }

  func result(_ result: Int) -> Tensor {
    guard result == 1 else { return Tensor(x.shape) { x[$0] / root($0) * scale($0) } }
    let squares = indices(of: x.shape).filter { $0[$0.count - 1] == 0 }.map(square)
    return Tensor([squares.count], squares)
  }

  func gradient(of operand: Int, from given: Int, _ g: Tensor) -> Tensor {
    if operand == 1 {
      return Tensor(scale.shape) { column in
        given == 1
          ? 0
          : indices(of: x.shape).filter { $0[$0.count - 1] == column[0] }
            .reduce(0) { $0 + g[$1] * x[$1] / root($1) }
      }
    }
    return Tensor(x.shape) { index in
      if given == 1 { return 2 * x[index] / Double(scale.shape.count) * g[[number(index)]] }
      let along = row(index) { g[$0] * scale($0) * x[$0] }
      return (g[index] * scale(index) - x[index] * along / (square(index) + epsilon)) / root(index)
    }
  }
}

extension CompositeKind {
  /// Each rule of the type-checker, broken once.
  var violations: [Violation] {
    switch self {
    case .softmax:
      return [
        Violation(.composite(.softmax), [float()], "takes"),
        Violation(.composite(.softmax), [int(2)], "takes"),
        Violation(.composite(.softmax), [float(2), float(2)], "1 operands"),
      ]
    case .softmaxCrossEntropy:
      return [
        Violation(.composite(.softmaxCrossEntropy), [float(2, 3), int(3)], "takes"),
        Violation(.composite(.softmaxCrossEntropy), [float(2, 3), float(2)], "takes int32"),
        Violation(.composite(.softmaxCrossEntropy), [float(3), int(3)], "takes"),
      ]
    case .batchNorm: return normViolations(.batchNorm(epsilon: 1))
    case .layerNorm: return normViolations(.layerNorm(epsilon: 1))
    case .groupNorm:
      return normViolations(.groupNorm(epsilon: 1, groups: 1))
        + [0, 2].map {
          Violation(
            .composite(.groupNorm(epsilon: 1, groups: $0)), [float(2, 3), float(3), float(3)],
            "has \($0) groups")
        }
    case .rmsNorm:
      return [
        Violation(.composite(.rmsNorm(epsilon: 1)), [float(), float()], "takes"),
        Violation(.composite(.rmsNorm(epsilon: 1)), [float(2, 3), float(2)], "takes"),
        Violation(.composite(.rmsNorm(epsilon: 1)), [int(2, 3), float(3)], "takes floats"),
        Violation(.composite(.rmsNorm(epsilon: 1)), [half(2, 3), float(3)], "equal types"),
      ]
    case .gelu:
      return [
        Violation(.composite(.gelu), [int(2)], "takes floats"),
        Violation(.composite(.gelu), [float(2), float(2)], "1 operands"),
      ]
    case .attention: return Violation.ofAttention
    case .selectiveScan: return Violation.ofSelectiveScan
    }
  }

  private func normViolations(_ composite: Composite) -> [Violation] {
    [
      Violation(.composite(composite), [float(3), float(3), float(3)], "takes"),
      Violation(.composite(composite), [float(2, 3), float(2), float(3)], "takes"),
      Violation(.composite(composite), [float(2, 3), float(3), float(2)], "takes"),
      Violation(.composite(composite), [int(2, 3), float(3), float(3)], "takes floats"),
      Violation(.composite(composite), [half(2, 3), float(3), float(3)], "equal types"),
    ]
  }
}
