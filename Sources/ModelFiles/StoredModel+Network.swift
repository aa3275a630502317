package import Diagnostics
package import Networks

extension StoredModel {
  /// The model file of a network; refuses the first layer that such a file cannot hold.
  ///
  /// - Parameters:
  ///   - sample: The shape of a sample: `[h, w, c]` or `[f]`.
  ///   - learningRate: What a file of Neuron 1 holds beside the layers; so is `adam`.
  ///   - layout: How a file of Neuron 1 has dense weights; nil is the layout that Neuron 1.5 and 1.6 read.
  ///   - generation: The releases that are to read the file; nil is Neuron 1 if a layout is given or
  ///     if there are only dense layers without dropout, else Neuron 2.
  ///   - tensor: Finds a parameter by its name; it may come without values where only the layers
  ///     are wanted.
  package init(
    _ model: Model, sample: [Int], coding: String?, learningRate: Double, adam: Adam?,
    layout: WeightLayout? = nil, generation: Generation? = nil,
    tensor: @escaping (String) -> StoredTensor?
  ) throws(Failure) {
    guard let shape = SampleShape(sample) else {
      throw Failure(.badConfiguration, "a .smodel file holds networks for vectors and maps")
    }
    let exported = try ExportedLayers(model.layers, sample: shape, tensor: tensor)
    guard let output = model.outputs.first, model.outputs.count == 1 else {
      throw (model.outputs.last ?? ModelOutput(MeanSquaredError())).failure(
        "a .smodel file holds a list of layers with one output, found \(model.outputs.count)")
    }
    self.init(
      sample: shape, layers: exported.layers, family: .sequential,
      mark: Mark(coding: coding, loss: output.loss.name))
    let brain = Brain(layout: layout ?? .permuted, learningRate: learningRate, adam: adam)
    let hasDropout = layers.contains { if case .dropout = $0.operation { true } else { false } }
    switch generation ?? (layout == nil ? nil : .first) {
    case .second: break
    case nil: if brainMisfit == nil, !hasDropout { family = .brain(brain) }
    case .first:
      if let misfit = brainMisfit {
        let node = exported.nodes[misfit.layer]
        throw node.failure(
          ofAll: "a file for Neuron 1 cannot hold this \(node.kind): \(misfit.reason)")
      }
      family = .brain(brain)
    }
  }

  /// Which releases of Neuron are to read a file.
  package enum Generation: Int, CaseIterable, Sendable {
    /// Up to 1.6.
    case first = 1
    case second = 2
  }
}
