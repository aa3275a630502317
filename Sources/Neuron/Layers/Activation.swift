/// What a layer makes of its sums.
///
/// The raw value is the word in a `.smodel` file.
public enum Activation: String, CaseIterable, Codable, Sendable {
  /// max(0, x).
  case reLu
  /// 1 / (1 + e⁻ˣ).
  case sigmoid
  /// x, and a tenth of it below zero.
  case leakyRelu
  /// x · sigmoid(x).
  case swish
  /// The hyperbolic tangent.
  case tanh
  /// eˣ over the sum of those of the layer.
  case softmax
  /// The sums as they are.
  case none

  /// The activation's name for people.
  public func asString() -> String {
    switch self {
    case .reLu: "ReLu"
    case .sigmoid: "Sigmoid"
    case .leakyRelu: "Leaky ReLu"
    case .swish: "Swish"
    case .tanh: "Tanh"
    case .softmax: "Softmax"
    case .none: "None"
    }
  }

  /// The layer in the words of a configuration, nil if there is nothing to do.
  var layer: String? {
    switch self {
    case .reLu: "relu"
    case .sigmoid: "sigmoid"
    case .leakyRelu: "leaky_relu: 0.1"
    case .swish: "swish"
    case .tanh: "tanh"
    case .softmax: "softmax"
    case .none: nil
    }
  }
}
