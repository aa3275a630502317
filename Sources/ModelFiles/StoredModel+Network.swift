package import Diagnostics
package import Networks

extension StoredModel {
  /// The model file of a network; refuses the first layer that such a file cannot hold.
  ///
  /// A sample has the shape `[h, w, c]` or `[f]`. A file of Neuron 1 holds the learning rate and
  /// the settings of Adam. Without a generation, it is one of Neuron 1 if a layout is given, or if
  /// there are only dense layers and no dropout; its layout is by default that of Neuron 1.5 and
  /// 1.6. `tensor` finds a parameter by its name; parameters may have no values where only the
  /// layers are wanted.
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
