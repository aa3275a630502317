package import Checkpoints
internal import Configuration
internal import Datasets
package import Diagnostics
internal import Graphs
package import ModelFiles
internal import Networks
internal import Processes

extension Checkpoint {
  /// Writes the weights in another form, whole or not at all; `layout` and `generation` are those of a
  /// model file.
  package func export(
    _ format: ExportFormat, to path: String, replacing: Bool = false,
    layout: WeightLayout? = nil, generation: StoredModel.Generation? = nil
  ) throws(Failure) -> Export {
    try ExportFormat.check(path, replacing: replacing)
    switch format {
    case .h5: return try exportWeights(to: path)
    case .smodel:
      let weights = try self.layout(of: .weights)
      // The weights as they are read, and as the file has them.
      try MemoryLimits.require(8 * weights.count, for: "the model of '\(self.path)'")
      let model = try model(layout, generation)
      try model.write(to: path)
      return Export(path: path, tensors: weights.tensors.count, parameters: weights.count)
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
    // One layout only exists in the second family.
    let generation = generation ?? (layout == .permuted ? .first : nil)
    do throws(Failure) {
      return try StoredModel(
        configuration.settings, sample: coding.shape, coding: coding.text,
        layout: layout ?? .natural, generation: generation
      ) { tensors[$0] }
    } catch {
      throw Failure(.badData, error.message)
    }
  }
}

extension RunConfiguration {
  /// Refuses a network that the run could not leave in the form that its `export` asks for.
  func checkExport(of network: Network) throws(Failure) {
    guard schedule.export == .smodel else { return }
    let shapes = Dictionary(network.parameters.map { ($0.name, $0.shape.extents) }) { $1 }
    _ = try StoredModel(settings, sample: network.sample.extents, coding: nil) { name in
      shapes[name].map { StoredTensor(name, $0, []) }
    }
  }
}
