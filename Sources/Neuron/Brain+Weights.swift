internal import Diagnostics

extension Brain {
  /// The weights of every layer that has any: for each node, those of its inputs.
  ///
  /// The first element stands for the input layer, with one unused 0 for each input.
  public func weights() -> [[[Float]]] {
    guard let inputs, let learner else { return [] }
    let zeros = Array(repeating: [Float(0)], count: inputs)
    return [zeros] + learner.weightPlaces.map { learner.rows($0) }
  }

  /// The same as `weights()`, under upstream's name.
  public var layerWeights: [[[Float]]] { weights() }

  /// Replaces the weights by values in the form that `weights` returns.
  ///
  /// Weights of another shape change nothing; an error is printed to standard error.
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

  /// Draws the first weights again, and drops metrics and moments.
  public func clear() {
    metrics = [:]
    loss = []
    guard compiled else { return }
    attempt(()) { learner throws(Failure) in
      try learner.reset()
      if let imported { try learner.load(imported) }
    }
  }

  /// Replaces the optimiser from the next step on; nil is plain gradient descent.
  public func replaceOptimizer(_ optimizer: (any OptimizerFunction)?) {
    self.optimizer = optimizer?.optimizer
    if let rate = optimizer?.learningRate { learningRate = rate }
  }
}
