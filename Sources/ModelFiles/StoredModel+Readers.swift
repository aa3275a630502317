/// The releases of Neuron that compute the network of a file.
package struct Readers: Equatable, Sendable {
  /// Their names: `Neuron 1.5 and 1.6`.
  package let releases: String
  /// What other releases drop or cannot read, with the layers.
  package let notes: [String]
}

extension StoredModel {
  /// The releases of Neuron that compute the written model; layers may have no values.
  package var readers: Readers {
    switch family {
    case .sequential: layers.sequentialReaders
    case .brain(let brain): brainReaders(brain.layout)
    }
  }

  private func brainReaders(_ layout: WeightLayout) -> Readers {
    let lobes = BrainWriter.lobes(of: self).lobes
    var inputs = sample.count
    var isPermutable = false
    for lobe in lobes {
      let nodes = lobe.nodes + (lobe.hasConstant ? 1 : 0)
      let outline = LobeOutline(nodes: nodes, inputs: inputs, hasNorm: lobe.norm != nil)
      if outline.isPermutable { isPermutable = true }
      inputs = nodes
    }
    let isOfLast = lobes.contains { $0.activation == "softmax" || $0.norm != nil }
    if layout == .natural && isPermutable {
      return isOfLast
        ? Readers(
          releases: "no release of Neuron",
          notes: ["Neuron 1.6 computes with permuted weights: leave out --layout natural"])
        : Readers(
          releases: "Neuron 1.2 to 1.4.4",
          notes: ["Neuron 1.5 and 1.6 compute with permuted weights"])
    }
    return Readers(releases: isOfLast ? "Neuron 1.6" : "Neuron 1.5 and 1.6", notes: [])
  }
}

extension [StoredLayer] {
  /// Tensors are written as 2.2 and later read them.
  fileprivate var sequentialReaders: Readers {
    var names = LayerNames()
    var biased: [String] = []
    var unknown: [String] = []
    collect(&names, "", &biased, &unknown)
    var notes: [String] = []
    if !biased.isEmpty {
      notes.append(
        "Neuron up to 2.2.3 drops the bias of \(biased.joined(separator: ", ")) when it reads a "
          + "file"
      )
    }
    if !unknown.isEmpty {
      notes.append(
        "Neuron up to 2.2.3 does not know \(unknown.joined(separator: ", ")) and stops at the file")
    }
    let isOfReleases = biased.isEmpty && unknown.isEmpty
    return Readers(
      releases: isOfReleases ? "Neuron 2.2 and later" : "Neuron after 2.2.3", notes: notes)
  }

  private func collect(
    _ names: inout LayerNames, _ path: String, _ biased: inout [String], _ unknown: inout [String]
  ) {
    for layer in self {
      let name = path + names.next(layer.kind, layer.name)
      switch layer.operation {
      case .dense where layer.tensor("bias") != nil: biased.append(name)
      case .activation(.prelu), .activation(.mish): unknown.append(name)
      case .residual(let inner):
        var names = LayerNames()
        inner.collect(&names, "\(name)/", &biased, &unknown)
      default: break
      }
    }
  }
}
