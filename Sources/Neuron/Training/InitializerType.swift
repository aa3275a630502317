internal import Networks

/// The distribution of the first weights.
public enum InitializerType: String, CaseIterable, Codable, Sendable {
  /// Normal with variance 2 / (inputs + outputs).
  case xavierNormal
  /// Uniform up to √(6 / (inputs + outputs)).
  case xavierUniform
  /// Normal with variance 2 / inputs.
  case heNormal
  /// Uniform up to √(6 / inputs).
  case heUniform

  /// The initialiser that draws from it.
  public func build() -> Initializer { Initializer(type: self) }

  /// The initialiser of a network's layer.
  var initialiser: Initialiser {
    switch self {
    case .xavierNormal: .xavierNormal
    case .xavierUniform: .xavierUniform
    case .heNormal: .heNormal
    case .heUniform: .heUniform
    }
  }
}

/// The name in Neuron's README.
public typealias Initializers = InitializerType
