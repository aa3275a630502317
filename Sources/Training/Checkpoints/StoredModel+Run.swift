package import Checkpoints
internal import Configuration
internal import Datasets
package import Diagnostics
internal import Graphs
package import ModelFiles
package import Networks
internal import Optimizers
internal import Processes

extension Checkpoint {
  /// Exports the weights, with LoRA's merged, to a file, which appears only when it is whole.
  ///
  /// `layout` and `generation` apply to model files; `readers` are the versions of Neuron that read
  /// the file.
  package func export(
    _ format: ExportFormat, to path: String, replacing: Bool = false,
    layout: WeightLayout? = nil, generation: StoredModel.Generation? = nil
  ) throws(Failure) -> (export: Export, readers: Readers?) {
    try ExportFormat.check(path, replacing: replacing)
    let merged = try MergedWeights(of: self)
    switch format {
    case .h5:
      return (
        try exportWeights(merged.layout, configuration: mergedConfiguration, to: path) {
          tensor throws(Failure) in try merged.values(of: tensor, in: self)
        }, nil
      )
    case .checkpoint:
      return (
        try export(merged.layout, configuration: mergedConfiguration, to: path) {
          tensor throws(Failure) in try merged.values(of: tensor, in: self)
        }, nil
      )
    case .smodel:
      // The weights as read, and as written.
      try MemoryLimits.require(8 * merged.layout.count, for: "the model of '\(self.path)'")
      let model = try model(merged, layout, generation)
      try model.write(to: path)
      return (Export(path: path, merged.layout), model.readers)
    }
  }

  /// The configuration without LoRA, as YAML.
  private var mergedConfiguration: String {
    get throws(Failure) {
      try RunConfiguration(saved: configuration, of: path)
        .settings.without("lora").yaml(includingAll: false)
    }
  }

  /// The checkpoint's network as a model file holds it.
  private func model(
    _ merged: MergedWeights, _ layout: WeightLayout?, _ generation: StoredModel.Generation?
  ) throws(Failure) -> StoredModel {
    var tensors: [String: StoredTensor] = [:]
    for tensor in merged.layout.tensors {
      tensors[tensor.name] = StoredTensor(
        tensor.name, tensor.shape, try merged.values(of: tensor, in: self))
    }
    let configuration = try RunConfiguration(saved: configuration, of: path)
    try configuration.requireSupervised(else: "a model file holds one network, use --to h5")
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
  /// Exports a model that was read from a file; the new file appears only when it is whole.
  package func export(
    _ format: ExportFormat, to path: String, replacing: Bool = false,
    layout: WeightLayout? = nil, generation: Generation? = nil
  ) throws(Failure) -> (export: Export, readers: Readers?) {
    guard format != .checkpoint else {
      throw Failure(
        .usage, "a model file has no configuration to write a checkpoint with: use --to h5")
    }
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
  /// The model file that the run exports, without weights; nil if it exports none.
  ///
  /// Throws if a model file cannot hold the network.
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
