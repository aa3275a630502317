import Glibc
import Graphs
import TestSupport

extension Tensor {
  /// A tensor from the element at each index.
  init(_ shape: Shape, at element: ([Int]) -> Double) {
    var index = [Int](repeating: 0, count: shape.rank)
    self.init(
      shape,
      (0..<shape.count).map { place in
        var rest = place
        for axis in index.indices.reversed() {
          index[axis] = rest % shape[axis]
          rest /= shape[axis]
        }
        return element(index)
      })
  }

  subscript(index: [Int]) -> Double {
    elements[zip(index, shape.extents).reduce(0) { $0 * $1.1 + $1.0 }]
  }

  /// The element at an index, 0 outside.
  func orZero(_ index: [Int]) -> Double {
    zip(index, shape.extents).allSatisfy { (0..<$1).contains($0) } ? self[index] : 0
  }
}

/// Every index of a shape, in row order.
func indices(of shape: Shape) -> [[Int]] {
  var all: [[Int]] = []
  _ = Tensor(shape) { index in
    all.append(index)
    return 0
  }
  return all
}

/// What an operation means, element by element: each result is defined by itself, from indices.
///
/// The evaluator walks over places instead, so that the two have no arithmetic in common.
func definition(
  _ operation: Operation, _ x: [Tensor], to type: TensorType, result: Int = 0
) -> Tensor {
  let tensor = definition(operation, x, to: type.shape, result: result)
  if type.number == .bfloat16 { return Tensor(type.shape, tensor.elements.map(nearestBFloat16)) }
  guard type.number == .int32, case .binary(let binary) = operation else { return tensor }
  return Tensor(type.shape) { index in
    // Some products have more digits than Double.
    let exact =
      binary == .multiply ? Int(x[0][index]) * Int(x[1][index]) : Int(tensor[index])
    return Double(Int32(truncatingIfNeeded: exact))
  }
}

private func definition(
  _ operation: Operation, _ x: [Tensor], to shape: Shape, result: Int = 0
) -> Tensor {
  switch operation {
  case .input, .parameter, .random: return Tensor(shape) { _ in 0.25 }
  case .constant(let value): return Tensor(shape) { _ in value }
  case .unary(let unary):
    return Tensor(shape) { index in
      let x = x[0][index]
      return switch unary {
      case .negate: 0 - x
      case .reciprocal: pow(x, -1)
      case .exp: pow(M_E, x)
      case .expm1: tanh(x / 2) * (exp(x) + 1)
      case .log: log2(x) * M_LN2
      case .log1p: x == .infinity ? x : 2 * atanh(x / (x + 2))
      case .sqrt: x < 0 ? .nan : pow(x, 0.5)
      case .tanh: 1 - 2 / (exp(2 * x) + 1)
      case .sigmoid: 0.5 + 0.5 * tanh(x / 2)
      case .erf: 1 - erfc(x)
      }
    }
  case .binary(let binary):
    return Tensor(shape) { index in
      let (a, b) = (x[0][index], x[1][index])
      return switch binary {
      case .add: a + b
      case .subtract: a + -b
      case .multiply: a * b
      case .divide: a / b
      case .maximum: a.isNaN || b.isNaN ? .nan : Double.maximum(a, b)
      }
    }
  case .compare(let comparison):
    return Tensor(shape) { index in
      let (a, b) = (x[0][index], x[1][index])
      let holds =
        switch comparison {
        case .less: b > a
        case .lessOrEqual: b > a || b == a
        case .equal: !(a < b || a > b || a.isNaN || b.isNaN)
        }
      return holds ? 1 : 0
    }
  case .select: return Tensor(shape) { x[0][$0] == 0 ? x[2][$0] : x[1][$0] }
  case .convert(let number):
    return Tensor(shape) { index in
      let x = x[0][index]
      let ends: ClosedRange<Double> =
        number == .uint8 ? 0...255 : -2_147_483_648...2_147_483_647
      if number.isFloat { return x }
      if x.isNaN { return 0 }
      return x < ends.lowerBound
        ? ends.lowerBound : x > ends.upperBound ? ends.upperBound : Double(Int(x))
    }
  case .reduce(let reduction, let axes):
    return Tensor(shape) { index in
      let all = indices(of: x[0].shape).filter { from in
        index.indices.allSatisfy { axes.contains($0) || from[$0] == index[$0] }
      }
      let elements = all.map { x[0][$0] }
      if reduction == .sum { return elements.reduce(0, +) }
      return elements.contains { $0.isNaN } ? .nan : elements.max() ?? .nan
    }
  case .reshape: return Tensor(shape, x[0].elements)
  case .permute(let order):
    return Tensor(shape) { index in
      var from = index
      for (axis, source) in order.enumerated() { from[source] = index[axis] }
      return x[0][from]
    }
  case .broadcast:
    return Tensor(shape) { x[0][zip($0, x[0].shape.extents).map { min($0, $1 - 1) }] }
  case .slice(let stretches):
    return Tensor(shape) { x[0][zip($0, stretches).map { $1.start + $0 * $1.stride }] }
  case .pad(let paddings):
    return Tensor(shape) { index in
      let steps = zip(index, paddings).map { ($0 - $1.low, $1.interior + 1) }
      guard steps.allSatisfy({ $0 % $1 == 0 }) else { return 0 }
      return x[0].orZero(steps.map { $0 / $1 })
    }
  case .concatenate(let axis):
    return Tensor(shape) { index in
      var index = index
      for part in x {
        if index[axis] < part.shape[axis] { return part[index] }
        index[axis] -= part.shape[axis]
      }
      return .nan
    }
  case .reverse(let axes):
    return Tensor(shape) { index in
      x[0][index.indices.map { axes.contains($0) ? shape[$0] - 1 - index[$0] : index[$0] }]
    }
  case .gather: return Tensor(shape) { x[0][[Int(x[1][[$0[0]]])] + $0.dropFirst()] }
  case .scatterAdd:
    return Tensor(shape) { index in
      x[0].elements.indices.reduce(0) { sum, row in
        sum + (x[0][[row]] == Double(index[0]) ? x[1][[row] + index.dropFirst()] : 0)
      }
    }
  case .oneHot:
    return Tensor(shape) { x[0][Array($0.dropLast())] == Double($0[$0.count - 1]) ? 1 : 0 }
  case .matrixProduct(let left, let right):
    let inner = x[0].shape[x[0].shape.rank - (left ? 2 : 1)]
    return Tensor(shape) { index in
      let (batch, row, column) = (
        Array(index.dropLast(2)), index[index.count - 2], index[index.count - 1]
      )
      return (0..<inner).reduce(0) { sum, k in
        sum + x[0][batch + (left ? [k, row] : [row, k])]
          * x[1][batch + (right ? [column, k] : [k, column])]
      }
    }
  case .convolution(let convolution):
    return Tensor(shape) { convolution.output(x[0], x[1], $0) }
  case .convolutionInputGradient(let convolution, _, _):
    // The input's gradient is the response of the output to one unit of input at that place.
    return Tensor(shape) { index in
      let unit = Tensor(shape) { $0 == index ? 1 : 0 }
      return indices(of: x[0].shape).reduce(0) {
        $0 + x[0][$1] * convolution.output(unit, x[1], $1)
      }
    }
  case .convolutionFilterGradient(let convolution):
    return Tensor(shape) { index in
      let unit = Tensor(shape) { $0 == index ? 1 : 0 }
      return indices(of: x[1].shape).reduce(0) {
        $0 + x[1][$1] * convolution.output(x[0], unit, $1)
      }
    }
  case .maxPool(let window):
    return Tensor(shape) { index in
      let candidates = window.elements(of: x[0].shape, index).enumerated().compactMap {
        element, place in place.map { (element, x[0][$0]) }
      }
      let first =
        candidates.first { $0.1.isNaN }
        ?? candidates.first { candidate in candidates.allSatisfy { $0.1 <= candidate.1 } }
      return result == 0 ? first?.1 ?? .nan : Double(first?.0 ?? -1)
    }
  case .poolGather(let window):
    return Tensor(shape) { index in
      window.elements(of: x[1].shape, index)[Int(x[0][index])].map { x[1][$0] } ?? .nan
    }
  case .poolScatter(let window, _, _):
    return Tensor(shape) { place in
      indices(of: x[0].shape).reduce(0) { sum, index in
        sum + (window.elements(of: shape, index)[Int(x[0][index])] == place ? x[1][index] : 0)
      }
    }
  case .poolSum(let window):
    return Tensor(shape) { index in
      window.elements(of: x[0].shape, index).reduce(0) { $0 + ($1.map { x[0][$0] } ?? 0) }
    }
  case .poolSpread(let window, _, _):
    return Tensor(shape) { place in
      indices(of: x[0].shape).reduce(0) { sum, index in
        sum + (window.elements(of: shape, index).contains(place) ? x[0][index] : 0)
      }
    }
  case .scan(let scan): return definition(scan, x, to: shape, result)
  case .composite(let composite): return definition(composite, x, to: shape, result)
  }
}

extension Convolution {
  fileprivate func output(_ input: Tensor, _ filter: Tensor, _ index: [Int]) -> Double {
    let channels = filter.shape[1]
    let group = index[3] / (filter.shape[0] / groups)
    var sum = 0.0
    for tap in indices(of: [channels, vertical.kernel, horizontal.kernel]) {
      let row = index[1] * vertical.stride - vertical.low + tap[1] * vertical.dilation
      let column = index[2] * horizontal.stride - horizontal.low + tap[2] * horizontal.dilation
      sum +=
        input.orZero([index[0], row, column, group * channels + tap[0]]) * filter[[index[3]] + tap]
    }
    return sum
  }
}

extension Window {
  /// The index in the map of each element of the window at an index of the result; nil on padding.
  fileprivate func elements(of map: Shape, _ index: [Int]) -> [[Int]?] {
    (0..<count).map { element in
      let row =
        index[1] * vertical.stride - vertical.low + element / horizontal.kernel * vertical.dilation
      let column =
        index[2] * horizontal.stride - horizontal.low
        + element % horizontal.kernel * horizontal.dilation
      let inside = (0..<map[1]).contains(row) && (0..<map[2]).contains(column)
      return inside ? [index[0], row, column, index[3]] : nil
    }
  }
}
