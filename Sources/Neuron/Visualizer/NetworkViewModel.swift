/// What there is to see of a network.
public struct NetworkViewModel: Equatable, Sendable {
  /// The network.
  public var brain: BrainViewModel
  /// A line above it, such as the epoch.
  public var caption: String

  /// A network with a line above it.
  public init(brain: BrainViewModel = BrainViewModel(), caption: String = "") {
    self.brain = brain
    self.caption = caption
  }
}

/// The layers of a network, from left to right.
public struct BrainViewModel: Equatable, Sendable {
  /// The input layer first.
  public var lobes: [LobeViewModel]
  /// What is left free between two layers.
  public var spacing: Double

  /// Layers.
  public init(lobes: [LobeViewModel] = [], spacing: Double = 40) {
    self.lobes = lobes
    self.spacing = spacing
  }
}

/// The nodes of a layer, from top to bottom.
public struct LobeViewModel: Equatable, Sendable {
  /// All nodes, however many of them a picture has place for.
  public var neurons: [NeuronViewModel]
  /// What is left free between two nodes.
  public var spacing: Double
  /// What the layer is.
  public var title: String

  /// Nodes.
  public init(neurons: [NeuronViewModel], spacing: Double = 80, title: String = "") {
    self.neurons = neurons
    self.spacing = spacing
    self.title = title
  }
}

/// A node, and the weights of its inputs.
public struct NeuronViewModel: Equatable, Sendable {
  /// What comes out, from 0 to 1 among the nodes of its layer; the colour is as dark.
  ///
  /// 0 is the layer's least number, or 0 if that is less; 1 is its greatest, or 0. What comes out of a sigmoid or
  /// softmax is taken as it is.
  public var activation: Float
  /// A number for each node of the layer before, or none: 0.5 is a weight of 0, 1 and 0 are a positive and a
  /// negative one of the greatest size in the layer.
  public var weights: [Float]
  /// How far it reaches from its middle.
  public var radius: Double
  /// Of the node.
  public var color: Color
  /// Of its positive weights; negative ones are gray.
  public var weightsColor: Color
  /// What comes out, to be written into the node.
  public var value: Float?

  /// A node.
  public init(
    activation: Float, weights: [Float], radius: Double = 30, color: Color = .red,
    weightsColor: Color = .red, value: Float? = nil
  ) {
    self.activation = activation
    self.weights = weights
    self.radius = radius
    self.color = color
    self.weightsColor = weightsColor
    self.value = value
  }
}
