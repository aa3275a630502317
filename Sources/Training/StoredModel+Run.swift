package import Checkpoints
internal import Datasets
package import Diagnostics
internal import Graphs
package import ModelFiles
package import Networks
internal import Optimizers
internal import Processes

extension Checkpoint {
  /// Writes the weights in another form, whole or not at all; `layout` and `generation` are those of a
  /// model file, and `readers` what Neuron makes of one.
  package func export(
    _ format: ExportFormat, to path: String, replacing: Bool = false,
    layout: WeightLayout? = nil, generation: StoredModel.Generation? = nil
  ) throws(Failure) -> (export: Export, readers: Readers?) {
    try ExportFormat.check(path, replacing: replacing)
    switch format {
    case .h5: return (try exportWeights(to: path), nil)
    case .smodel:
      let weights = try self.layout(of: .weights)
      // The weights as they are read, and as the file has them.
      try MemoryLimits.require(8 * weights.count, for: "the model of '\(self.path)'")
      let model = try model(layout, generation)
      try model.write(to: path)
      return (
        Export(path: path, tensors: weights.tensors.count, parameters: weights.count), model.readers
      )
    }
  }

  /// The model that a file can hold of it.
  private func model(
    _ layout: WeightLayout?, _ generation: StoredModel.Generation?
  ) throws(Failure) -> StoredModel {
    var tensors: [String: StoredTensor] = [:]
    for tensor in try self.layout(of: .weights).tensors {
      tensors[tensor.name] = StoredTensor(
        tensor.name, tensor.shape, try values(of: tensor, in: .weights))
    }
    let configuration = try RunConfiguration(saved: configuration, of: path)
    try configuration.requireAnswers(else: "a model file holds one network, use --to h5")
    let coding = try SampleCoding(text: coding, source: "\(path) /coding")
    do throws(Failure) {
      return try configuration.storedModel(
        sample: coding.shape, coding: coding.text, layout: layout, generation: generation
      ) { tensors[$0] }
    } catch {
      throw Failure(.badData, error.message)
    }
  }
}

extension StoredModel {
  /// Writes a model that was read from a file in another form, whole or not at all.
  package func export(
    _ format: ExportFormat, to path: String, replacing: Bool = false,
    layout: WeightLayout? = nil, generation: Generation? = nil
  ) throws(Failure) -> (export: Export, readers: Readers?) {
    try ExportFormat.check(path, replacing: replacing)
    let tensors = try ImportedLayers(self).tensors
    if format == .h5 {
      let values = Dictionary(tensors.map { ($0.name, $0.tensor.values) }) { $1 }
      return (
        try Export.write(
          TensorLayout(packing: tensors.map { ($0.name, $0.tensor.shape) }), to: path
        ) {
          values[$0.name] ?? []
        }, nil
      )
    }
    var model = self
    switch (generation ?? (layout == nil ? nil : .first), family) {
    case (.second, _), (nil, .sequential): model.family = .sequential
    case (.first, _), (nil, .brain):
      var (rate, adam): (Double, Adam?) = (0.001, nil)
      if case .brain(let brain) = family { (rate, adam) = (brain.learningRate, brain.adam) }
      model.family = .brain(
        Brain(layout: layout ?? .permuted, learningRate: rate, adam: adam))
    }
    try model.write(to: path)
    return (
      Export(path: path, tensors: tensors.count, parameters: parameterCount), model.readers
    )
  }
}

extension RunConfiguration {
  /// The model file, without numbers, that the run is to leave of a network; nil if it is to leave none,
  /// and the failure of a network that such a file cannot hold.
  package func exportedModel(of network: Network) throws(Failure) -> StoredModel? {
    guard schedule.export == .smodel else { return nil }
    let shapes = Dictionary(network.parameters.map { ($0.name, $0.shape.extents) }) { $1 }
    return try storedModel(
      sample: network.sample.extents, coding: nil, layout: schedule.exportLayout
    ) { name in
      shapes[name].map { StoredTensor(name, $0, []) }
    }
  }

  fileprivate func storedModel(
    sample: [Int], coding: String?, layout: WeightLayout?,
    generation: StoredModel.Generation? = nil, tensor: @escaping (String) -> StoredTensor?
  ) throws(Failure) -> StoredModel {
    let adam = (optimizers[0] as? Adam).map {
      StoredModel.Adam(beta1: $0.beta1, beta2: $0.beta2, epsilon: $0.epsilon)
    }
    return try StoredModel(
      Model(settings), sample: sample, coding: coding, learningRate: optimizers[0].learningRate,
      adam: adam, layout: layout, generation: generation, tensor: tensor)
  }
}
