internal import Elementary
internal import Networks

/// An activation function.
///
/// The raw value is its name in a `.smodel` file.
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
  /// Probabilities: eˣ divided by the sum over the layer.
  case softmax
  /// No activation.
  case none

  /// The name to display.
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

  /// The value of the function; softmax, which needs the whole layer, returns its input.
  public func activate(input x: Float) -> Float {
    switch self {
    case .reLu: x < 0 ? 0 : x
    case .sigmoid: .sigmoid(x)
    case .leakyRelu: x < 0 ? 0.1 * x : x
    case .swish: x * .sigmoid(x)
    case .tanh: .tanh(x)
    case .softmax, .none: x
    }
  }

  /// The derivative of `activate`; at a kink, the left one.
  public func derivative(input x: Float) -> Float {
    switch self {
    case .reLu: x > 0 ? 1 : 0
    case .sigmoid: .sigmoid(x) * .sigmoid(-x)
    case .leakyRelu: x > 0 ? 1 : 0.1
    case .swish: .sigmoid(x) + x * .sigmoid(x) * .sigmoid(-x)
    case .tanh: (1 - .tanh(x)) * (1 + .tanh(x))
    case .softmax, .none: 1
    }
  }

  /// The layer of a network; nil for none.
  var layer: Networks.Activation? {
    switch self {
    case .reLu: .relu
    case .sigmoid: .sigmoid
    case .leakyRelu: .leakyRelu(slope: 0.1)
    case .swish: .swish
    case .tanh: .tanh
    case .softmax: .softmax
    case .none: nil
    }
  }
}
