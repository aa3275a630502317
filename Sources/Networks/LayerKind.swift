internal import Configuration

/// The layers that a model can name; the raw value is the word in the file.
package enum LayerKind: String, Sendable, CaseIterable {
  case dense, conv
  case convTranspose = "conv_transpose"
  case maxpool, avgpool
  case globalAvgPool = "global_avgpool"
  case pad, upsample, batchnorm, layernorm, instancenorm, residual, concat, flatten, reshape,
    embedding, dropout, scale
  case relu
  case leakyRelu = "leaky_relu"
  case prelu, elu, selu, gelu, swish, mish, softplus, sigmoid, tanh, softmax

  var type: any Layer.Type {
    switch self {
    case .dense: Dense.self
    case .conv: Conv.self
    case .convTranspose: ConvTranspose.self
    case .maxpool: MaxPool.self
    case .avgpool: AvgPool.self
    case .globalAvgPool: GlobalAvgPool.self
    case .pad: Pad.self
    case .upsample: Upsample.self
    case .batchnorm: BatchNorm.self
    case .layernorm: LayerNorm.self
    case .instancenorm: InstanceNorm.self
    case .residual: Residual.self
    case .concat: Concat.self
    case .flatten: Flatten.self
    case .reshape: Reshape.self
    case .embedding: Embedding.self
    case .dropout: Dropout.self
    case .scale: Scale.self
    case .relu: Relu.self
    case .leakyRelu: LeakyRelu.self
    case .prelu: PRelu.self
    case .elu: ELU.self
    case .selu: SELU.self
    case .gelu: GELU.self
    case .swish: Swish.self
    case .mish: Mish.self
    case .softplus: Softplus.self
    case .sigmoid: Sigmoid.self
    case .tanh: Tanh.self
    case .softmax: Softmax.self
    }
  }
}

extension Kind {
  /// A list of layers, which may hold lists of layers themselves.
  static func layers(count: ClosedRange<Int>) -> Kind {
    .list(of: .variant("layer", LayerKind.allCases.map { $0.type.schema }), count: count)
  }
}
