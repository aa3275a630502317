package import Reports

/// A line of `layers.jsonl`: the state of the layers after the last step of an epoch.
package struct LayersLine: Sendable {
  /// A parameter.
  package struct Tensor: Sendable {
    package let name: String
    /// The Euclidean norm of the weights.
    package let weights: Double
    /// That of the gradient of the last step; nil for what is not trained.
    package let gradient: Double?

    package init(name: String, weights: Double, gradient: Double?) {
      self.name = name
      self.weights = weights
      self.gradient = gradient
    }
  }

  package let step: Int
  package let epoch: Int
  package let tensors: [Tensor]
  /// For each layer of relu, the share of units that were 0 for all samples of a probe.
  package let dead: [(layer: String, share: Double)]

  package init(
    step: Int, epoch: Int, tensors: [Tensor], dead: [(layer: String, share: Double)]
  ) {
    self.step = step
    self.epoch = epoch
    self.tensors = tensors
    self.dead = dead
  }

  package var json: JSONValue {
    .object([
      ("step", .integer(step)), ("epoch", .integer(epoch)),
      (
        "weights", .object(tensors.map { ($0.name, .number($0.weights)) })
      ),
      (
        "gradients",
        .object(
          tensors.compactMap { tensor in tensor.gradient.map { (tensor.name, .number($0)) } })
      ),
      ("dead", .object(dead.map { ($0.layer, .number($0.share)) })),
    ])
  }
}
