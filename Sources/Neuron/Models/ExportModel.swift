internal import Diagnostics
internal import Foundation
internal import ModelFiles

/// A network of fully connected layers, of which a `.smodel` file of Neuron up to 1.6 can be made.
///
/// Encoded, it is the text of such a file; the layers here have their weights as `Brain.weights()` has them,
/// whatever the file does.
public struct ExportModel: Sendable {
  /// The input layer first.
  public var layers: [Layer]
  /// How far a step goes.
  public var learningRate: Float
  /// The optimiser, nil for plain descent.
  public var optimizer: Optimizer?
  /// Whether the encoded weights lie as Neuron 1.5 and 1.6 compute with them, and not as Neuron's documentation
  /// describes them.
  public var isPermuted = true
  /// Whether the layers were decoded from a file of Neuron, and are as they stand there.
  private var isForeign = false

  /// A model of layers.
  public init(layers: [Layer], learningRate: Float, optimizer: Optimizer? = nil) {
    self.layers = layers
    self.learningRate = learningRate
    self.optimizer = optimizer
  }

  /// The layers of a model of Neuron 1.
  init(_ model: StoredModel, learningRate: Float, optimizer: Optimizer?) throws(Failure) {
    self.init(
      layers: try model.lobes(layout: .natural, hasConstants: false).map { lobe in
        var layer = Layer(lobe)
        if layer.activation == .softmax { layer.softmaxHasBias = true }
        return layer
      }, learningRate: learningRate, optimizer: optimizer)
  }

  /// What a file with this model holds.
  func stored() throws(Failure) -> StoredModel {
    let text = Text(
      layers: layers, learningRate: learningRate, optimizer: optimizer,
      generator: isForeign ? nil : Text.generator, weightLayout: isForeign ? nil : Text.natural)
    return try text.stored()
  }
}

extension ExportModel: Codable {
  /// Reads the text of a file, of Neuron or of ours.
  public init(from decoder: any Decoder) throws {
    let text = try Text(from: decoder)
    if text.generator == Text.generator {
      try self.init(text.stored(), learningRate: text.learningRate, optimizer: text.optimizer)
      isPermuted = text.weightLayout == Text.permuted
    } else {
      self.init(layers: text.layers, learningRate: text.learningRate, optimizer: text.optimizer)
      isForeign = true
    }
  }

  /// Writes the text of a file.
  public func encode(to encoder: any Encoder) throws {
    var text = Text(layers: layers, learningRate: learningRate, optimizer: optimizer)
    if !isForeign {
      let lobes = try stored().lobes(layout: isPermuted ? .permuted : .natural)
      text.layers = lobes.map(Layer.init)
      text.generator = Text.generator
      text.weightLayout = isPermuted ? Text.permuted : Text.natural
    }
    try text.encode(to: encoder)
  }

  /// What a file holds, as it stands there.
  private struct Text: Codable {
    static let generator = "nn-dist"
    static let natural = "node-input"
    static let permuted = "permuted"

    var layers: [Layer]
    var learningRate: Float
    var optimizer: Optimizer?
    /// What marks files of ours; Neuron does not look at it.
    var generator: String?
    var weightLayout: String?

    func stored() throws(Failure) -> StoredModel {
      guard let data = try? JSONEncoder().encode(self) else {
        throw Failure(.notFinite, "the ExportModel has numbers that are not finite")
      }
      return try StoredModel(bytes: [UInt8](data), path: "ExportModel")
    }
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
  /// In a file, whether the last node only holds the bias of the layer behind it, a softmax, which takes none in
  /// Neuron.
  var constantNode: Bool?
  /// Of a softmax in memory, whether its bias counts, which a file then has as a constant node.
  var softmaxHasBias: Bool?

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
