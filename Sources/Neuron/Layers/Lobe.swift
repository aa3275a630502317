/// A layer with weights, and the activation and norms around it, as `Brain.lobes` returns it.
///
/// It is a copy: later steps do not change it, and weights are given back by `Brain.replaceWeights`.
// Nothing in it changes, and other modules cannot derive a class from it.
public class Lobe: Equatable, @unchecked Sendable {
  /// One for each input; for each node of a dense layer, or filter of a convolution; none for layers whose
  /// weights are no rows of nodes.
  public let neurons: [Neuron]
  /// Where it stands.
  public let layer: LayerType
  /// What it makes of its sums; `.none` also stands for those that only nn-dist knows.
  public let activation: Activation
  /// Whether its inputs are normalised first; a lobe that scales and shifts all of them alike is a
  /// `NormalizedLobe`.
  public let isNormalized: Bool
  /// How many numbers come out for a sample.
  public let outputCount: Int
  /// What it is, in the words of a configuration: `dense`, `conv`; of the input layer `inputs`.
  public let kind: String

  init(
    neurons: [Neuron], layer: LayerType, activation: Activation, isNormalized: Bool,
    outputCount: Int, kind: String
  ) {
    self.neurons = neurons
    self.layer = layer
    self.activation = activation
    self.isNormalized = isNormalized
    self.outputCount = outputCount
    self.kind = kind
  }

  /// For each node the weights of its inputs; of the input layer one 0 each.
  public func weights() -> [[Float]] { neurons.map(\.weights) }

  /// Whether two lobes have equal values.
  public static func == (one: Lobe, other: Lobe) -> Bool {
    one.neurons == other.neurons && one.layer == other.layer
      && one.activation == other.activation && one.isNormalized == other.isNormalized
      && one.outputCount == other.outputCount
      && one.kind == other.kind
      && (one as? NormalizedLobe)?.normalizerLearningParams
        == (other as? NormalizedLobe)?.normalizerLearningParams
  }
}

/// A lobe whose inputs are normalised first, with one scale and one shift for all of them.
public final class NormalizedLobe: Lobe, @unchecked Sendable {
  /// The scale and shift that were learned, and what only a model file holds.
  public let normalizerLearningParams: BatchNormalizerParams

  init(_ lobe: Lobe, _ params: BatchNormalizerParams) {
    normalizerLearningParams = params
    super.init(
      neurons: lobe.neurons, layer: lobe.layer, activation: lobe.activation, isNormalized: true,
      outputCount: lobe.outputCount, kind: lobe.kind)
  }
}

/// A node of a `Lobe`.
public struct Neuron: Equatable, Sendable {
  /// One for each input; of a filter its numbers, channel by channel.
  public let weights: [Float]
  /// What is added to the weighted sum.
  public let bias: Float
  /// What upstream multiplies the bias by: 1, since `bias` is what is learned here; of a node without a bias 0.
  public let biasWeight: Float
}
