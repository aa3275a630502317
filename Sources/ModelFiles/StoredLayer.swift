/// A layer as a model file holds it: what it computes, and the numbers that it has learnt.
package struct StoredLayer: Sendable {
  /// What its parameters are called by; nil where the file has no name for it.
  package var name: String?
  package let operation: StoredOperation
  /// In PyTorch's names and shapes, as everywhere in this program.
  package var tensors: [StoredTensor]

  package init(
    _ operation: StoredOperation, name: String? = nil, _ tensors: [StoredTensor] = []
  ) {
    self.operation = operation
    self.name = name
    self.tensors = tensors
  }

  func tensor(_ name: String) -> StoredTensor? { tensors.first { $0.name == name } }
}

/// Numbers that belong to a layer: `weight`, `bias`, `running_mean`, ...
package struct StoredTensor: Equatable, Sendable {
  package let name: String
  package let shape: [Int]
  package let values: [Float]

  package init(_ name: String, _ shape: [Int], _ values: [Float]) {
    self.name = name
    self.shape = shape
    self.values = values
  }
}

/// What a stored layer computes, in the terms that `Networks` and Neuron have in common.
package indirect enum StoredOperation: Sendable {
  case dense(units: Int)
  case conv(Filter)
  case convTranspose(Filter)
  /// Of windows of 2x2, side by side.
  case maxPool
  case avgPool(height: Int, width: Int)
  case globalAvgPool
  /// Zeros below and to the right of a map.
  case pad(bottom: Int, right: Int)
  case flatten
  case reshape(SampleShape)
  case batchNorm(epsilon: Double, momentum: Double)
  case layerNorm(epsilon: Double)
  case instanceNorm(epsilon: Double)
  /// What a `NormalizedLobe` does first, or did last.
  case lobeNorm(LobeNorm)
  case dropout(rate: Double)
  /// A product with one number that nothing learns.
  case scale(Double)
  case activation(Activation)
  /// Adds what came in, through a 1x1 convolution if there is a tensor `shortcut/weight`.
  case residual([StoredLayer])

  /// How filters slide over a map.
  package struct Filter: Equatable, Sendable {
    package let count: Int
    package let kernel: Sides
    package let stride: Sides
    package let padding: Padding
    /// 1, or as many as there are channels.
    package let groups: Int
  }

  package struct Sides: Equatable, Sendable {
    package let height: Int
    package let width: Int
  }

  package enum Padding: Equatable, Sendable {
    case same
    case valid
    /// What a transposed convolution cuts off of its result, and adds at its end.
    case cut(vertical: Cut, horizontal: Cut)
  }

  package struct Cut: Equatable, Sendable {
    package let low: Int
    package let high: Int
    package let more: Int
  }

  package enum Activation: Equatable, Sendable {
    case relu, sigmoid, tanh, swish, mish, gelu, softmax
    /// Neuron rounds its two constants to four decimals.
    case selu(isRounded: Bool)
    case leakyRelu(slope: Double)
    /// The slope is the tensor `weight`, of one number.
    case prelu
  }

  /// One scale, shift, mean and variance for all elements of a vector.
  package struct LobeNorm: Equatable, Sendable {
    package let scale: Float
    package let shift: Float
    package let mean: Float
    package let variance: Float
    package let momentum: Float
    package let learningRate: Float
    /// Whether mean and variance are those of each vector, and not the stored ones.
    package let isOfVector: Bool

    static let epsilon = 5e-5

    /// The same with other numbers that only a file holds.
    package func with(momentum: Float, learningRate: Float) -> LobeNorm {
      LobeNorm(
        scale: scale, shift: shift, mean: mean, variance: variance, momentum: momentum,
        learningRate: learningRate, isOfVector: isOfVector)
    }
  }
}
