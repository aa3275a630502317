internal import Diagnostics
internal import Foundation
internal import ModelFiles

/// A network of fully connected layers, as a `.smodel` file of Neuron up to 1.6 has it.
///
/// Encoded, it is the text of such a file. The layers here have their weights in the layout of
/// `Brain.weights()`, whatever the file has.
public struct ExportModel: Sendable {
  /// The input layer first.
  public var layers: [Layer]
  /// The learning rate.
  public var learningRate: Float
  /// The optimiser; nil is plain gradient descent.
  public var optimizer: Optimizer?
  /// Whether the encoded weights have the layout that Neuron 1.5 and 1.6 compute with, and not the
  /// one that Neuron's documentation describes.
  public var isPermuted = true
  /// Whether the layers were decoded from a file of Neuron, in its layout.
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

  /// The model file.
  func stored() throws(Failure) -> StoredModel {
    let text = Text(
      layers: layers, learningRate: learningRate, optimizer: optimizer,
      generator: isForeign ? nil : Text.generator, weightLayout: isForeign ? nil : Text.natural)
    return try text.stored()
  }
}

extension ExportModel: Codable {
  /// Reads the text of a file of Neuron or of this package.
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

  /// The contents of a file, in its layout.
  private struct Text: Codable {
    static let generator = "nn-dist"
    static let natural = "node-input"
    static let permuted = "permuted"

    var layers: [Layer]
    var learningRate: Float
    var optimizer: Optimizer?
    /// The mark of files of this package, which Neuron ignores.
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
  /// The activation.
  public var activation: Activation
  /// The number of outputs.
  public var nodes: Int
  /// The weights of the inputs of each node; for the input layer, one 0 each.
  public var weights: [[Float]]
  /// Its place: input, hidden or output.
  public var type: LayerType
  /// A constant for each node; its bias is that times `biasWeights`.
  public var bias: [Float]
  /// The learned factor of each node's bias.
  public var biasWeights: [Float]
  /// Whether inputs are normalised.
  public var normalize: Bool
  /// The numbers of the norm.
  public var batchNormalizerParams: BatchNormalizerParams?
  /// In a file, whether the last node only holds the bias of the next layer, a softmax, which has
  /// none in Neuron.
  var constantNode: Bool?
  /// Whether the bias of a softmax is used, which a file has as a constant node.
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

/// The place of a layer.
public enum LayerType: String, CaseIterable, Codable, Sendable {
  /// The input layer, without weights.
  case input
  /// Between input and output.
  case hidden
  /// The output layer.
  case output
}

/// The numbers of a layer that normalises its inputs.
public struct BatchNormalizerParams: Codable, Equatable, Sendable {
  /// The learned shift of all inputs.
  public var beta: Float
  /// The learned scale of all inputs.
  public var gamma: Float
  /// A running average of Neuron; not used here.
  public var movingMean: Float
  /// A running average of Neuron; not used here.
  public var movingVariance: Float
  /// The momentum of the running averages.
  public var momentum: Float
  /// The learning rate of scale and shift in Neuron.
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
