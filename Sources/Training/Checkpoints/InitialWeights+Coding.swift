internal import Checkpoints
package import Communication
package import Datasets
package import Diagnostics
internal import Graphs
internal import ModelFiles
internal import Networks

extension InitialWeights {
  /// The coding of the samples of the other network; nil if its file does not have it.
  ///
  /// Collective.
  package func coding(_ communicator: Communicator) throws(Failure) -> KnownCoding? {
    try reading(communicator) { file throws(Failure) in
      try StoredModel.isFile(file) ? coding(model: file) : coding(checkpoint: file)
    }
  }

  private func coding(checkpoint file: String) throws(Failure) -> KnownCoding {
    let checkpoint = try Checkpoint(opening: file)
    let configuration = try RunConfiguration(saved: checkpoint.configuration, of: file)
    let coding = try SampleCoding(text: checkpoint.coding, source: "\(file) /coding")
    // A critic reads no targets.
    let last =
      configuration.isAdversarial
      ? nil : try configuration.layers(of: coding).last { $0.parameters + $0.frozen > 0 }?.name
    return KnownCoding(beginningWith: coding, hasOutputLayer: last.map(isTaken) ?? false)
  }

  private func coding(model file: String) throws(Failure) -> KnownCoding? {
    let model = try StoredModel(reading: file, choices)
    guard let coding = try model.coding(of: file) else { return nil }
    let last = try ImportedLayers(model).tensors.last.map { String($0.name.prefix { $0 != "/" }) }
    return KnownCoding(beginningWith: coding, hasOutputLayer: last.map(isTaken) ?? false)
  }

  /// Whether a layer's weights are read from the file.
  private func isTaken(_ layer: String) -> Bool {
    !excepted.contains { layer == $0 || layer.hasPrefix("\($0)/") }
  }
}
