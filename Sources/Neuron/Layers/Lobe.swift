/// A layer with weights, and the activation and norms around it, as `Brain.lobes` tells of it.
///
/// It is a copy: later steps do not change it, and weights are given back by `Brain.replaceWeights`.
public struct Lobe: Equatable, Sendable {
  /// One for each input; for each node of a dense layer, or filter of a convolution; none for layers whose
  /// weights are no rows of nodes.
  public let neurons: [Neuron]
  /// Where it stands.
  public let layer: LayerType
  /// What it makes of its sums; `.none` also stands for those that only nn-dist knows.
  public let activation: Activation
  /// Whether its inputs are normalised first.
  public let isNormalized: Bool
  /// How many numbers come out for a sample.
  public let outputCount: Int
  /// What it is, in the words of a configuration: `dense`, `conv`; of the input layer `inputs`.
  public let kind: String

  /// For each node the weights of its inputs; of the input layer one 0 each.
  public func weights() -> [[Float]] { neurons.map(\.weights) }
}

/// A node of a `Lobe`.
public struct Neuron: Equatable, Sendable {
  /// One for each input; of a filter its numbers, channel by channel.
  public let weights: [Float]
  /// What is added to the weighted sum.
  public let bias: Float
}
