/// The range of the weights of a lobe.
public typealias WeightConstraint = ClosedRange<Float>

/// The definition of a fully connected layer: `LobeModel` or `NormalizedLobeModel`.
public protocol LobeDefinition {
  /// The number of outputs.
  var nodes: Int { get set }
  /// The activation; that of an input layer is ignored.
  var activation: Activation { get set }
  /// The first value of the learned bias of every node; with 0 the layer has no bias.
  var bias: Float { get set }
}

/// A fully connected layer.
public struct LobeModel: LobeDefinition, Sendable {
  /// The number of outputs.
  public var nodes: Int
  /// The activation.
  public var activation: Activation = .none
  /// The first value of the learned bias of every node; with 0 the layer has no bias.
  public var bias: Float = 0

  /// A fully connected layer.
  public init(nodes: Int, activation: Activation = .none, bias: Float = 0) {
    self.nodes = nodes
    self.activation = activation
    self.bias = bias
  }
}

/// A fully connected layer after layer normalisation with one learned scale and one learned shift.
public struct NormalizedLobeModel: LobeDefinition, Sendable {
  /// The number of outputs.
  public var nodes: Int
  /// The activation.
  public var activation: Activation
  /// The first value of the learned bias of every node; with 0 the layer has no bias.
  public var bias: Float
  /// Only stored in model files: there are no running averages here.
  public var momentum: Float
  /// Only stored in model files: scale and shift use the brain's learning rate.
  public var normalizerLearningRate: Float

  /// A fully connected layer.
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

/// A layer as Neuron 1.5 writes it, for `brain.add(.init(nodes: 8, normalize: true, ...))`.
public struct AnyLobeModel: Sendable {
  let model: any LobeDefinition & Sendable

  /// A `LobeModel`, or with `normalize` a `NormalizedLobeModel`.
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
