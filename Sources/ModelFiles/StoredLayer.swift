/// A layer of a model file: its operation and its learned values.
package struct StoredLayer: Sendable {
  /// The name that its parameters begin with; nil where the file has none.
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

/// A parameter of a layer: `weight`, `bias`, `running_mean`, ...
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

/// The operation of a stored layer, in the terms that `Networks` and Neuron share.
package indirect enum StoredOperation: Sendable {
  case dense(units: Int)
  case conv(Filter)
  case convTranspose(Filter)
  /// Windows of 2x2 with stride 2.
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
  /// The norm of a `NormalizedLobe`.
  case lobeNorm(LobeNorm)
  case dropout(rate: Double)
  /// A product with a constant.
  case scale(Double)
  case activation(Activation)
  /// Adds its input, through a 1x1 convolution if there is a tensor `shortcut/weight`.
  case residual([StoredLayer])

  /// How filters slide over a map.
  package struct Filter: Equatable, Sendable {
    package let count: Int
    package let kernel: Sides
    package let stride: Sides
    package let padding: Padding
    /// 1, or the number of channels.
    package let groups: Int
  }

  package struct Sides: Equatable, Sendable {
    package let height: Int
    package let width: Int
  }

  package enum Padding: Equatable, Sendable {
    case same
    case valid
    /// The margins that a transposed convolution cuts off its result, and adds at its end.
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
    /// Whether it uses the mean and variance of each vector, and not the stored ones.
    package let isOfVector: Bool

    static let epsilon = 5e-5

    /// The same norm with other values that only a file has.
    package func with(momentum: Float, learningRate: Float) -> LobeNorm {
      LobeNorm(
        scale: scale, shift: shift, mean: mean, variance: variance, momentum: momentum,
        learningRate: learningRate, isOfVector: isOfVector)
    }
  }
}
