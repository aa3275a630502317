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

  /// Its name in a configuration.
  var name: String {
    switch self {
    case .xavierNormal: "xavier_normal"
    case .xavierUniform: "xavier_uniform"
    case .heNormal: "he_normal"
    case .heUniform: "he_uniform"
    }
  }
}

/// The name that Neuron's README has for it.
public typealias Initializers = InitializerType
