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

extension LayersLine {
  /// Reads a line; nil if it is none.
  init?(_ line: JSONValue) {
    guard let step = line["step"]?.integer, let epoch = line["epoch"]?.integer,
      let weights = line["weights"]
    else { return nil }
    let gradients = Dictionary(
      line["gradients"]?.members.compactMap { name, value in value.double.map { (name, $0) } } ?? []
    ) { $1 }
    self.init(
      step: step, epoch: epoch,
      tensors: weights.members.compactMap { name, value in
        value.double.map { Tensor(name: name, weights: $0, gradient: gradients[name]) }
      },
      dead: line["dead"]?.members.compactMap { name, value in value.double.map { (name, $0) } }
        ?? [])
  }
}
