package import Diagnostics
internal import Files

extension StoredModel {
  /// Writes the model in the form of its family, whole or not at all.
  package func write(to path: String) throws(Failure) {
    try checkFinite(layers, path)
    if let misfit = family == .sequential ? sequentialMisfit : brainMisfit {
      let layer = outline[misfit.layer].name
      throw Failure(.badData, "'\(path)' cannot hold '\(layer)': \(misfit.reason)")
    }
    let file = TemporaryFile(for: path)
    var json = try JSONWriter(creating: file.path)
    switch family {
    case .sequential:
      var writer = SequentialWriter(self)
      try writer.write(to: &json)
    case .brain(let brain): try BrainWriter(self, brain).write(to: &json)
    }
    try json.finish()
    try file.synchronize()
    try file.rename(to: path)
    try synchronizeDirectory(directoryName(path))
  }

  /// JSON has no infinities and no NaN.
  private func checkFinite(_ layers: [StoredLayer], _ path: String) throws(Failure) {
    for layer in layers {
      for tensor in layer.tensors where !tensor.values.allSatisfy(\.isFinite) {
        throw Failure(
          .notFinite,
          "'\(layer.name ?? "a layer")/\(tensor.name)' is not finite, so '\(path)' is not written")
      }
      if case .residual(let inner) = layer.operation { try checkFinite(inner, path) }
    }
  }

  /// The first layer that files of Neuron up to 1.6 cannot hold, and why; nil if all fit.
  package var brainMisfit: (layer: Int, reason: String)? {
    let (_, misfit) = BrainWriter.lobes(of: self)
    return misfit
  }

  /// The same for files of Neuron 2.
  package var sequentialMisfit: (layer: Int, reason: String)? { layers.sequentialMisfit }
}

extension [StoredLayer] {
  /// The first layer that files of Neuron 2 cannot hold between its neighbours, and why.
  fileprivate var sequentialMisfit: (layer: Int, reason: String)? {
    for place in indices {
      let before = place > 0 ? self[place - 1].operation : nil
      let after = place + 1 < count ? self[place + 1].operation : nil
      if let reason = self[place].sequentialMisfit(before: before, after: after) {
        return (place, reason)
      }
    }
    return nil
  }
}

extension StoredLayer {
  fileprivate func sequentialMisfit(
    before: StoredOperation?, after: StoredOperation?
  ) -> String? {
    switch operation {
    case .lobeNorm: return "the norm of a lobe is one of Neuron 1"
    case .activation(.gelu): return "Neuron writes a gelu as a leakyRelu"
    case .scale:
      if case .dropout = before { return nil }
      return "Neuron scales by a number only behind a dropout"
    case .pad:
      if case .maxPool = after { return nil }
      return "Neuron has zeros around maps only where maxPool finds them odd"
    case .residual(let layers):
      guard case .activation(.relu) = after else { return "Neuron's resNet ends with a relu" }
      return layers.sequentialMisfit?.reason
    case .dense, .conv, .convTranspose, .maxPool, .avgPool, .globalAvgPool, .flatten, .reshape,
      .batchNorm, .layerNorm, .instanceNorm, .dropout, .activation:
      return nil
    }
  }
}
