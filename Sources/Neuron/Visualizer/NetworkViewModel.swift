/// The contents of a picture of a network.
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
  /// The space between two layers.
  public var spacing: Double

  /// Layers.
  public init(lobes: [LobeViewModel] = [], spacing: Double = 40) {
    self.lobes = lobes
    self.spacing = spacing
  }
}

/// The nodes of a layer, from top to bottom.
public struct LobeViewModel: Equatable, Sendable {
  /// All nodes, also those that a picture leaves out.
  public var neurons: [NeuronViewModel]
  /// The space between two nodes.
  public var spacing: Double
  /// The title of the layer.
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
  /// The output, scaled to 0...1 within its layer; it sets the darkness of the colour.
  ///
  /// 0 stands for the least of the layer's outputs and 0, 1 for the greatest of them and 0. Outputs
  /// of a sigmoid or softmax are not scaled.
  public var activation: Float
  /// A number for each node of the layer before, or none: 0.5 stands for a weight of 0, 1 and 0 for
  /// the greatest magnitude in the layer, positive and negative.
  public var weights: [Float]
  /// The radius.
  public var radius: Double
  /// The colour of the node.
  public var color: Color
  /// The colour of positive weights; negative ones are gray.
  public var weightsColor: Color
  /// The text of the output, inside the node.
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
