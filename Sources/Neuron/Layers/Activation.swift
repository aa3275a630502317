internal import Elementary
internal import Networks

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

  /// What it makes of a number; softmax, which is of a whole layer, leaves it as it is.
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

  /// The derivative of `activate` there; at its corner that of the left side.
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

  /// The layer of a network; nil where sums stay as they are.
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
