internal import Graphs
internal import Kernels

/// Convolutions with a large kernel that covers the map are matrix products, whose rows are
/// samples.
extension Builder {
  /// Writes a convolution, or a gradient of one, as a product; nil if it is none.
  mutating func wholeMapProduct(_ instruction: Instruction, _ operands: [Value]) -> Value? {
    let (first, second) = (operands.first, operands.last)
    guard let first, let second else { return nil }
    switch instruction.operation {
    case .convolution(let convolution):
      guard convolution.covers(shape(of: first), to: instruction.type.shape) else { return nil }
      let filters = shape(of: second)[0]
      let product = matrixProduct(
        planes(first), reshape(second, [filters, shape(of: second).count / filters]),
        transposeRight: true)
      return reshape(product, instruction.type.shape)
    case .convolutionInputGradient(let convolution, _, _):
      let map = instruction.type.shape
      guard convolution.covers(map, to: shape(of: first)) else { return nil }
      let (samples, filters) = (map[0], shape(of: second)[0])
      let product = matrixProduct(
        reshape(first, [samples, filters]),
        reshape(second, [filters, shape(of: second).count / filters]))
      return emit(.permute([0, 2, 3, 1]), reshape(product, map.permuted([0, 3, 1, 2])))
    case .convolutionFilterGradient(let convolution):
      guard convolution.covers(shape(of: first), to: shape(of: second)) else { return nil }
      let product = matrixProduct(
        reshape(second, [shape(of: second)[0], shape(of: second)[3]]), planes(first),
        transposeLeft: true)
      return reshape(product, instruction.type.shape)
    default:
      return nil
    }
  }

  /// The samples of a map as rows, in the order of a filter's elements: channel, row, column.
  private mutating func planes(_ map: Value) -> Value {
    let shape = shape(of: map)
    return reshape(emit(.permute([0, 3, 1, 2]), map), [shape[0], shape.count / shape[0]])
  }
}

extension Convolution {
  /// Whether the kernel is large and has one position, in which it covers the map.
  fileprivate func covers(_ map: Shape, to output: Shape) -> Bool {
    let axes = [(vertical, map[1]), (horizontal, map[2])]
    return groups == 1 && output[1] == 1 && output[2] == 1
      && axes.allSatisfy { $0.kernel == $1 && $0.dilation == 1 && $0.low == 0 }
      && axes.contains { $0.0.kernel > ConvolutionShape.largestDirectKernel }
  }
}
