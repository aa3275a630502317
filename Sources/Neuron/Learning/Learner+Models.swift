internal import Diagnostics
internal import Graphs
internal import ModelFiles
internal import Networks
internal import Training

extension Learner {
  /// Takes over the weights of a model, whose layers are the first ones here.
  func load(_ model: StoredModel) throws(Failure) {
    for (name, tensor) in try model.imported.tensors {
      guard let place = state.layout[name]?.range else {
        throw Failure(.internalError, "the model's '\(name)' is not in the network")
      }
      write(tensor.values, at: place)
    }
  }

  /// The model file of the network as it is.
  func stored(
    _ generation: StoredModel.Generation?, layout: WeightLayout? = nil, learningRate: Float,
    optimizer: Optimizer?
  ) throws(Failure) -> StoredModel {
    var tensors: [String: StoredTensor] = [:]
    for (parameter, place) in zip(network.parameters, state.parameters) {
      tensors[parameter.name] = StoredTensor(
        parameter.name, parameter.shape.extents, values(place.range))
    }
    let found = tensors
    return try StoredModel(
      design.model, sample: design.sample, coding: nil,
      learningRate: Double(decimal: learningRate), adam: optimizer.map(StoredModel.Adam.init),
      layout: layout, generation: generation
    ) { found[$0] }
  }
}

extension StoredModel.Adam {
  fileprivate init(_ optimizer: Optimizer) {
    switch optimizer {
    case .adam(let b1, let b2, let eps):
      self.init(beta1: Double(b1), beta2: Double(b2), epsilon: Double(eps))
    }
  }
}

extension StoredModel {
  /// Its layers for samples that are vectors; one of maps makes maps of them first.
  var imported: ImportedLayers {
    get throws(Failure) { try ImportedLayers(self, samples: .vector(sample.count)) }
  }

  /// Sets what only the file holds of the norms of lobes, from the last one backwards.
  mutating func keep(_ numbers: [(momentum: Float, learningRate: Float)]) {
    let norms = layers.indices.filter {
      if case .lobeNorm = layers[$0].operation { true } else { false }
    }
    for (place, numbers) in zip(norms.suffix(numbers.count), numbers) {
      guard case .lobeNorm(let norm) = layers[place].operation else { continue }
      layers[place] = StoredLayer(
        .lobeNorm(norm.with(momentum: numbers.momentum, learningRate: numbers.learningRate)),
        layers[place].tensors)
    }
  }
}

extension Layer {
  /// A lobe of a stored model.
  init(_ lobe: StoredModel.Lobe) {
    let (nodes, inputs) = (lobe.nodes, max(1, lobe.weights.count / max(1, lobe.nodes)))
    self.init(
      activation: Activation(rawValue: lobe.activation) ?? .none, nodes: nodes,
      weights: (0..<nodes).map { Array(lobe.weights[$0 * inputs..<($0 + 1) * inputs]) },
      type: LayerType(rawValue: lobe.type) ?? .hidden, bias: lobe.bias,
      biasWeights: lobe.biasWeights, normalize: lobe.norm != nil,
      batchNormalizerParams: lobe.norm.map { BatchNormalizerParams($0) })
    if lobe.hasConstant { constantNode = true }
  }
}

extension BatchNormalizerParams {
  /// Those of a stored lobe.
  init(_ norm: StoredOperation.LobeNorm) {
    self.init(
      beta: norm.shift, gamma: norm.scale, movingMean: norm.mean, movingVariance: norm.variance,
      momentum: norm.momentum, learningRate: norm.learningRate)
  }
}
