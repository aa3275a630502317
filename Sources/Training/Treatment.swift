internal import Graphs
internal import Networks

/// What a step does to an element of the parameters.
enum Treatment: Equatable {
  /// It follows its gradient.
  case trained(decays: Bool)
  /// It remembers what the step has seen, by this share.
  case average(momentum: Double)
}

extension Parameter {
  /// Weights decay; biases and the weights of norms, which are vectors, are spared.
  var treatment: Treatment { .trained(decays: shape.rank > 1) }
}

extension Network {
  /// The parameters that follow a gradient, which come before all others.
  var trained: [Parameter] {
    parameters.filter { if case .trained = $0.treatment { true } else { false } }
  }
}
