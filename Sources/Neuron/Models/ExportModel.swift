internal import Diagnostics
internal import Foundation
internal import ModelFiles

/// A network of fully connected layers, as a `.smodel` file of Neuron up to 1.6 holds it.
public struct ExportModel: Codable, Sendable {
  /// The input layer first.
  public var layers: [Layer]
  /// How far a step goes.
  public var learningRate: Float
  /// The optimiser, nil for plain descent.
  public var optimizer: Optimizer?
  /// What marks files of ours, whose weights lie as they are multiplied; Neuron does not look at it.
  private var generator: String?
  private var weightLayout: String?

  /// A model of layers.
  public init(layers: [Layer], learningRate: Float, optimizer: Optimizer? = nil) {
    self.layers = layers
    self.learningRate = learningRate
    self.optimizer = optimizer
    generator = "nn-dist"
    weightLayout = "node-input"
  }

  /// What a file with this model holds.
  func stored() throws(Failure) -> StoredModel {
    guard let data = try? JSONEncoder().encode(self) else {
      throw Failure(.notFinite, "the ExportModel has numbers that are not finite")
    }
    return try StoredModel(bytes: [UInt8](data), path: "ExportModel")
  }
}

/// A layer of an `ExportModel`.
public struct Layer: Codable, Sendable {
  /// What it makes of its sums.
  public var activation: Activation
  /// How many outputs it has.
  public var nodes: Int
  /// For each node those of its inputs; of the input layer one 0 each.
  public var weights: [[Float]]
  /// Where it stands.
  public var type: LayerType
  /// A constant for each node; its bias is that times `biasWeights`.
  public var bias: [Float]
  /// What is learned of each node's bias.
  public var biasWeights: [Float]
  /// Whether inputs are normalised first.
  public var normalize: Bool
  /// By what.
  public var batchNormalizerParams: BatchNormalizerParams?
  /// Whether the last node only holds the bias of the layer behind it, a softmax, which takes none in Neuron.
  var constantNode: Bool?

  /// A layer with its weights.
  public init(
    activation: Activation, nodes: Int, weights: [[Float]], type: LayerType, bias: [Float],
    biasWeights: [Float], normalize: Bool, batchNormalizerParams: BatchNormalizerParams? = nil
  ) {
    self.activation = activation
    self.nodes = nodes
    self.weights = weights
    self.type = type
    self.bias = bias
    self.biasWeights = biasWeights
    self.normalize = normalize
    self.batchNormalizerParams = batchNormalizerParams
  }
}

/// Where a layer stands.
public enum LayerType: String, CaseIterable, Codable, Sendable {
  /// First, without weights.
  case input
  /// Between.
  case hidden
  /// Last.
  case output
}

/// The numbers of a layer that normalises its inputs.
public struct BatchNormalizerParams: Codable, Equatable, Sendable {
  /// The learned shift of all inputs.
  public var beta: Float
  /// The learned scale of all inputs.
  public var gamma: Float
  /// A running average of Neuron's; nothing here computes with it.
  public var movingMean: Float
  /// A running average of Neuron's; nothing here computes with it.
  public var movingVariance: Float
  /// Of the running averages.
  public var momentum: Float
  /// Of scale and shift in Neuron.
  public var learningRate: Float

  /// The numbers.
  public init(
    beta: Float = 0, gamma: Float = 1, movingMean: Float = 1, movingVariance: Float = 1,
    momentum: Float, learningRate: Float
  ) {
    self.beta = beta
    self.gamma = gamma
    self.movingMean = movingMean
    self.movingVariance = movingVariance
    self.momentum = momentum
    self.learningRate = learningRate
  }
}
