internal import Diagnostics

extension Brain {
  /// The weights of every layer that has some, for each node those of its inputs.
  ///
  /// The first are those of the input layer, one 0 for each input: nothing computes with them.
  public func weights() -> [[[Float]]] {
    guard let inputs, let learner else { return [] }
    let zeros = Array(repeating: [Float(0)], count: inputs)
    return [zeros] + learner.weightPlaces.map { learner.rows($0) }
  }

  /// The same as `weights()`, in upstream's word for it.
  public var layerWeights: [[[Float]]] { weights() }

  /// Takes over weights, in the form in which `weights` gives them.
  ///
  /// Weights of another shape are refused with a line on standard error.
  public func replaceWeights(weights: [[[Float]]]) {
    attempt(()) { learner throws(Failure) in
      let expected = self.weights()
      guard weights.map({ $0.map(\.count) }) == expected.map({ $0.map(\.count) }) else {
        let shapes = expected.dropFirst().map { "\($0.count)x\($0.first?.count ?? 0)" }
        throw Failure(
          .badData,
          "replaceWeights: expected those of \(inputs ?? 0) inputs and of layers of "
            + shapes.joined(separator: ", "))
      }
      for (place, rows) in zip(learner.weightPlaces, weights.dropFirst()) {
        learner.write(rows.flatMap { $0 }, at: place.range)
      }
    }
  }

  /// Draws all weights anew, as `compile` did, and forgets metrics and moments.
  public func clear() {
    metrics = [:]
    loss = []
    guard compiled else { return }
    attempt(()) { learner throws(Failure) in
      try learner.reset()
      if let imported { try learner.load(imported) }
    }
  }

  /// Follows the gradient by another optimiser from the next step on, nil for plain descent.
  public func replaceOptimizer(_ optimizer: (any OptimizerFunction)?) {
    self.optimizer = optimizer?.optimizer
    if let rate = optimizer?.learningRate { learningRate = rate }
  }
}
