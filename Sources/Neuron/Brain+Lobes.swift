internal import ModelFiles

extension Brain {
  /// The layers with their current weights, the input layer first; empty before `compile`.
  ///
  /// Each call copies the weights of the whole network.
  public var lobes: [Lobe] {
    guard compiled else { return [] }
    return attempt([]) { learner in
      // From the last to the first: lobes before them may come from YAML, without these values.
      var norms = normalizerParams
      return learner.lobePlaces.reversed().map { place in
        let lobe = learner.lobe(at: place, inputs: inputs ?? 0)
        guard let (scale, shift) = learner.scaleAndShift(at: place) else { return lobe }
        var params =
          norms.popLast()
          ?? BatchNormalizerParams(movingMean: 0, momentum: 0.99, learningRate: 0.1)
        (params.gamma, params.beta) = (scale, shift)
        return NormalizedLobe(lobe, params)
      }.reversed()
    }
  }

  /// The values of norms beside scale and shift, in the order of the lobes.
  private var normalizerParams: [BatchNormalizerParams] {
    let read = (imported?.layers ?? []).compactMap { layer in
      if case .lobeNorm(let norm) = layer.operation { BatchNormalizerParams(norm) } else { nil }
    }
    return read
      + layers.compactMap { layer in
        guard case .lobe(let lobe) = layer, let model = lobe as? NormalizedLobeModel else {
          return nil
        }
        return BatchNormalizerParams(
          movingMean: 0, momentum: model.momentum, learningRate: model.normalizerLearningRate)
      }
  }

  /// Sets the learning rate, and the bias of all nodes that have one.
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
