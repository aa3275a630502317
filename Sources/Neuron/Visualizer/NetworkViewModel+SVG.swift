internal import Charts

extension NetworkViewModel {
  /// The network as an SVG picture: a column of nodes for each layer, of at most `neuronLimit` that
  /// are evenly chosen from all, and lines for the weights between them.
  public func svg(neuronLimit: Int = 16) -> String {
    NodeDiagram(
      brain.lobes.map(\.layer), spacing: brain.spacing, caption: caption
    ).svg(limit: neuronLimit)
  }
}

extension LobeViewModel {
  fileprivate var layer: NodeDiagram.Layer {
    NodeDiagram.Layer(
      nodes: neurons.enumerated().map { number, neuron in
        NodeDiagram.Node(
          name: "node \(number)", activation: neuron.activation, weights: neuron.weights,
          radius: neuron.radius, color: neuron.color.drawn, weightsColor: neuron.weightsColor.drawn,
          value: neuron.value)
      }, spacing: spacing, title: title)
  }
}

extension Color {
  fileprivate var drawn: NodeColor { NodeColor(red: red, green: green, blue: blue) }
}
