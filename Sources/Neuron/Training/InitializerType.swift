internal import Networks

/// What first weights are drawn from.
public enum InitializerType: String, CaseIterable, Codable, Sendable {
  /// Normal with variance 2 / (inputs + outputs).
  case xavierNormal
  /// Uniform up to √(6 / (inputs + outputs)).
  case xavierUniform
  /// Normal with variance 2 / inputs.
  case heNormal
  /// Uniform up to √(6 / inputs).
  case heUniform

  /// What draws numbers of the kind.
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

/// The name that Neuron's README has for it.
public typealias Initializers = InitializerType
