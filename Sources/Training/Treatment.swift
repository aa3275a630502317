internal import Graphs
internal import Networks

/// What a step does to an element of the parameters.
enum Treatment: Equatable {
  /// It follows its gradient.
  case trained(decays: Bool)
  /// It stays as it is.
  case frozen
  /// It moves by this share to what the step has seen.
  case average(momentum: Double)
}

extension Parameter {
  /// Weights decay; biases and the weights of norms, which are vectors, are spared.
  var treatment: Treatment {
    switch role {
    case .trained: .trained(decays: shape.rank > 1)
    case .frozen: .frozen
    case .average(let momentum): .average(momentum: momentum)
    }
  }
}
