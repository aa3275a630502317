/// The layers that a model can name; the raw value is the word in the file.
package enum LayerKind: String, Sendable, CaseIterable {
  case dense, conv, maxpool, flatten, dropout, relu, sigmoid, tanh, softmax

  var type: any Layer.Type {
    switch self {
    case .dense: Dense.self
    case .conv: Conv.self
    case .maxpool: MaxPool.self
    case .flatten: Flatten.self
    case .dropout: Dropout.self
    case .relu: Relu.self
    case .sigmoid: Sigmoid.self
    case .tanh: Tanh.self
    case .softmax: Softmax.self
    }
  }
}
