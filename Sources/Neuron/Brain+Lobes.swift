extension Brain {
  /// The layers with their weights as they are now, the input layer first; none before `compile`.
  ///
  /// Each call copies the weights of the whole network.
  public var lobes: [Lobe] {
    guard compiled else { return [] }
    return attempt([]) { learner in
      learner.lobePlaces.map { learner.lobe(at: $0, inputs: inputs ?? 0) }
    }
  }

  /// Sets the learning rate, and the bias of all nodes that have one; `add` says which do.
  public func updateNucleus(_ nucleus: Nucleus) {
    learningRate = nucleus.learningRate
    guard let learner else {
      for (place, layer) in layers.enumerated() {
        guard case .lobe(var model) = layer else { continue }
        model.bias = nucleus.bias
        layers[place] = .lobe(model)
      }
      return
    }
    for case let biases? in learner.lobePlaces.map(\.biases) {
      learner.write(biases.map { _ in nucleus.bias }, at: biases)
    }
  }
}
