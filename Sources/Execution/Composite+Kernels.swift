internal import Graphs

extension Composite {
  /// Whether a kernel exists; other composites run as their expansion.
  var hasKernel: Bool {
    switch self {
    case .softmax, .softmaxCrossEntropy, .batchNorm, .layerNorm: true
    case .gradient: kernelOperands != nil
    }
  }

  /// The operands that the kernel of a gradient reads: the rest of what it needs was saved.
  fileprivate var kernelOperands: [Int]? {
    switch self {
    // Labels, probabilities and the gradient of the losses.
    case .gradient(of: .softmaxCrossEntropy, from: [0]): [1, 3, 4]
    // The input, the scale, means, variances and the gradient of the output.
    case .gradient(of: .batchNorm, from: [0]), .gradient(of: .layerNorm, from: [0]):
      [0, 1, 4, 5, 6]
    default: nil
    }
  }
}

extension Instruction {
  /// The operands whose numbers its kernel reads.
  var read: [Value] {
    guard case .composite(let composite) = operation, let places = composite.kernelOperands
    else { return operands }
    return places.map { operands[$0] }
  }
}
