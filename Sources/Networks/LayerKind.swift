internal import Configuration

/// The layers that a model can name; the raw value is the word in the file.
package enum LayerKind: String, Sendable, CaseIterable {
  case dense, conv, maxpool, avgpool
  case globalAvgPool = "global_avgpool"
  case batchnorm, residual, flatten, dropout, relu, sigmoid, tanh, softmax

  var type: any Layer.Type {
    switch self {
    case .dense: Dense.self
    case .conv: Conv.self
    case .maxpool: MaxPool.self
    case .avgpool: AvgPool.self
    case .globalAvgPool: GlobalAvgPool.self
    case .batchnorm: BatchNorm.self
    case .residual: Residual.self
    case .flatten: Flatten.self
    case .dropout: Dropout.self
    case .relu: Relu.self
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
