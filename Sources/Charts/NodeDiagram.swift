/// The nodes of a network as a picture: a column for each layer, and lines for the weights between
/// them.
package struct NodeDiagram {
  /// A node, and the weights of its inputs.
  package struct Node {
    package let name: String
    /// From 0 to 1; it sets the darkness of the colour.
    package let activation: Float
    /// A number for each node of the layer before, or none: 0.5 stands for a weight of 0, 1 and 0
    /// for the greatest magnitude in the layer, positive and negative.
    package let weights: [Float]
    package let radius: Double
    package let color: NodeColor
    /// The colour of positive weights; negative ones are gray.
    package let weightsColor: NodeColor
    /// The text of the output, inside the node.
    package let value: Float?

    package init(
      name: String, activation: Float, weights: [Float], radius: Double = 30, color: NodeColor,
      weightsColor: NodeColor, value: Float?
    ) {
      self.name = name
      self.activation = activation
      self.weights = weights
      self.radius = radius
      self.color = color
      self.weightsColor = weightsColor
      self.value = value
    }
  }

  /// The nodes of a layer, from top to bottom.
  package struct Layer {
    /// All nodes, also those that a picture leaves out.
    package let nodes: [Node]
    /// The space between two nodes.
    package let spacing: Double
    package let title: String

    package init(nodes: [Node], spacing: Double = 80, title: String) {
      self.nodes = nodes
      self.spacing = spacing
      self.title = title
    }
  }

  /// From left to right, the inputs first.
  let layers: [Layer]
  /// The space between two layers.
  let spacing: Double
  /// A line above the network.
  let caption: String

  package init(_ layers: [Layer], spacing: Double = 200, caption: String) {
    self.layers = layers
    self.spacing = spacing
    self.caption = caption
  }
}
