/// A layer with weights, and the activation and norms around it, as `Brain.lobes` returns it.
///
/// It is a copy: later steps do not change it. `Brain.replaceWeights` writes weights back.
// Nothing in it changes, and other modules cannot derive a class from it.
public class Lobe: Equatable, @unchecked Sendable {
  /// One for each node of a dense layer, filter of a convolution, or input of the input layer; none
  /// for layers whose weights are not rows of nodes.
  public let neurons: [Neuron]
  /// Its place: input, hidden or output.
  public let layer: LayerType
  /// The activation; `.none` also for activations that only nn-dist has.
  public let activation: Activation
  /// Whether its inputs are normalised; with one scale and shift for all it is a `NormalizedLobe`.
  public let isNormalized: Bool
  /// The number of outputs for a sample.
  public let outputCount: Int
  /// Its kind in a configuration: `dense`, `conv`; `inputs` for the input layer.
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

  /// The weights of the inputs of each node; for the input layer, one 0 each.
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

/// A lobe whose inputs are normalised with one scale and one shift for all of them.
public final class NormalizedLobe: Lobe, @unchecked Sendable {
  /// The learned scale and shift, and values that only model files use.
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
  /// One for each input; for a filter, channel by channel.
  public let weights: [Float]
  /// The number added to the weighted sum.
  public let bias: Float
  /// Upstream's factor of the bias: 1 here, where `bias` is learned; 0 for a node without a bias.
  public let biasWeight: Float
}
