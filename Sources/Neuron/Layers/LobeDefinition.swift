/// Limits of the weights of a lobe.
public typealias WeightConstraint = ClosedRange<Float>

/// A fully connected layer that is to be: `LobeModel` or `NormalizedLobeModel`.
public protocol LobeDefinition {
  /// How many outputs it has.
  var nodes: Int { get set }
  /// What it makes of its sums; that of an input layer is ignored.
  var activation: Activation { get set }
  /// What the learned bias of every node starts as; of 0 the layer has none.
  var bias: Float { get set }
}

/// A fully connected layer.
public struct LobeModel: LobeDefinition, Sendable {
  /// How many outputs the layer has.
  public var nodes: Int
  /// What it makes of its sums.
  public var activation: Activation = .none
  /// What the learned bias of every node starts as; of 0 the layer has none.
  public var bias: Float = 0

  /// A layer of nodes.
  public init(nodes: Int, activation: Activation = .none, bias: Float = 0) {
    self.nodes = nodes
    self.activation = activation
    self.bias = bias
  }
}

/// A fully connected layer whose inputs are brought to mean 0 and variance 1, in each sample, and then scaled
/// and shifted by one learned number each.
public struct NormalizedLobeModel: LobeDefinition, Sendable {
  /// How many outputs the layer has.
  public var nodes: Int
  /// What it makes of its sums.
  public var activation: Activation
  /// What the learned bias of every node starts as; of 0 the layer has none.
  public var bias: Float
  /// Kept for the model file: nothing here follows running averages.
  public var momentum: Float
  /// Kept for the model file: scale and shift are learned at the rate of all weights.
  public var normalizerLearningRate: Float

  /// A layer of nodes.
  public init(
    nodes: Int, activation: Activation = .none, bias: Float = 0, momentum: Float,
    normalizerLearningRate: Float
  ) {
    self.nodes = nodes
    self.activation = activation
    self.bias = bias
    self.momentum = momentum
    self.normalizerLearningRate = normalizerLearningRate
  }
}

/// A layer in the words of Neuron 1.5, for `brain.add(.init(nodes: 8, normalize: true, ...))`.
public struct AnyLobeModel: Sendable {
  let model: any LobeDefinition & Sendable

  /// A `LobeModel`, or a `NormalizedLobeModel` if it is to `normalize`.
  public init(
    nodes: Int, activation: Activation = .none, bias: Float = 0, normalize: Bool = false,
    bnMomentum: Float = 0.99, bnLearningRate: Float = 0.1
  ) {
    model =
      normalize
      ? NormalizedLobeModel(
        nodes: nodes, activation: activation, bias: bias, momentum: bnMomentum,
        normalizerLearningRate: bnLearningRate)
      : LobeModel(nodes: nodes, activation: activation, bias: bias)
  }
}
