package import Diagnostics

/// Writes a model as Neuron 1.6 reads it: dense layers, each with its activation.
struct BrainWriter {
  private let lobes: [Lobe]
  private let inputs: Int
  private let brain: StoredModel.Brain
  private let mark: StoredModel.Mark

  /// A layer of the file.
  struct Lobe {
    var dense: StoredLayer
    var norm: StoredOperation.LobeNorm?
    var activation = "none"

    var nodes: Int { dense.tensor("weight")?.shape[0] ?? 0 }
  }

  init(_ model: StoredModel, _ brain: StoredModel.Brain) {
    self.brain = brain
    mark = model.mark ?? StoredModel.Mark()
    inputs = model.sample.count
    lobes = Self.lobes(of: model).lobes
  }

  /// The lobes of a model up to the first layer that fits none.
  static func lobes(
    of model: StoredModel
  ) -> (lobes: [Lobe], misfit: (layer: Int, reason: String)?) {
    var lobes: [Lobe] = []
    var norm: StoredOperation.LobeNorm?
    for (place, layer) in model.layers.enumerated() {
      switch layer.operation {
      case .flatten where lobes.isEmpty: continue
      case .dropout: continue  // It changes nothing but training.
      case .lobeNorm(let numbers) where norm == nil: norm = numbers
      case .dense:
        lobes.append(Lobe(dense: layer, norm: norm))
        norm = nil
      case .activation(let activation):
        guard let last = lobes.indices.last, lobes[last].activation == "none", norm == nil else {
          return (lobes, (place, "an activation follows weights there, and only one does"))
        }
        guard let word = word(activation) else {
          return (lobes, (place, "it has no such activation"))
        }
        if activation == .softmax, lobes[last].dense.tensor("bias") != nil {
          return (
            lobes, (place, "softmax takes no bias there: leave out that of the layer before it")
          )
        }
        lobes[last].activation = word
      default: return (lobes, (place, "it has dense layers and their activations only"))
      }
    }
    guard norm == nil, !lobes.isEmpty else {
      return (lobes, (model.layers.count - 1, "it ends with a dense layer"))
    }
    return (lobes, nil)
  }

  private static func word(_ activation: StoredOperation.Activation) -> String? {
    switch activation {
    case .relu: "reLu"
    case .sigmoid: "sigmoid"
    case .leakyRelu(0.1): "leakyRelu"
    case .swish: "swish"
    case .tanh: "tanh"
    case .softmax: "softmax"
    case .leakyRelu, .mish, .selu, .gelu, .prelu: nil
    }
  }

  func write(to json: inout JSONWriter) throws(Failure) {
    try json.object { json throws(Failure) in
      try json.member("layers") { json throws(Failure) in
        try json.list { json throws(Failure) in
          for lobe in numbers { try write(lobe, to: &json) }
        }
      }
      try json.member("learningRate", brain.learningRate)
      if let adam = brain.adam {
        try json.member("optimizer") { json throws(Failure) in
          try json.object { json throws(Failure) in
            try json.member("adam") { json throws(Failure) in
              try json.object { json throws(Failure) in
                try json.member("b1", adam.beta1)
                try json.member("b2", adam.beta2)
                try json.member("eps", adam.epsilon)
              }
            }
          }
        }
      }
      try json.write(mark)
      try json.member(
        "weightLayout", StoredModel.layouts.first { $0.value == brain.layout }?.key ?? "")
    }
  }

  /// The layers of the file, that of the inputs first.
  var numbers: [StoredModel.Lobe] {
    let zeros = [Float](repeating: 0, count: inputs)
    var numbers = [
      StoredModel.Lobe(
        name: nil, activation: "none", nodes: inputs, type: "input", norm: nil, bias: zeros,
        biasWeights: zeros, weights: zeros)
    ]
    for (place, lobe) in lobes.enumerated() {
      let nodes = lobe.nodes
      // What is learnt stands in biasWeights, times a constant of 1.
      let bias = lobe.dense.tensor("bias")?.values
      numbers.append(
        StoredModel.Lobe(
          name: lobe.dense.name, activation: lobe.activation, nodes: nodes,
          type: place == lobes.count - 1 ? "output" : "hidden", norm: lobe.norm,
          bias: [Float](repeating: bias == nil ? 0 : 1, count: nodes),
          biasWeights: bias ?? [Float](repeating: 0, count: nodes),
          weights: brain.layout.write(
            lobe.dense.tensor("weight")?.values ?? [], nodes: nodes,
            inputs: numbers[place].nodes)))
    }
    return numbers
  }

  private func write(_ lobe: StoredModel.Lobe, to json: inout JSONWriter) throws(Failure) {
    try json.object { json throws(Failure) in
      if let name = lobe.name { try json.member("name", name) }
      try json.member("activation", lobe.activation)
      try json.member("nodes", lobe.nodes)
      try json.member("type", lobe.type)
      try json.member("normalize", lobe.norm != nil)
      if let norm = lobe.norm {
        try json.member("batchNormalizerParams") { json throws(Failure) in
          try json.object { json throws(Failure) in
            try json.member("gamma", norm.scale)
            try json.member("beta", norm.shift)
            try json.member("movingMean", norm.mean)
            try json.member("movingVariance", norm.variance)
            try json.member("momentum", norm.momentum)
            try json.member("learningRate", norm.learningRate)
          }
        }
      }
      try json.member("bias", lobe.bias)
      try json.member("biasWeights", lobe.biasWeights)
      try json.member(
        "weights", lobe.weights, lists: [lobe.nodes, lobe.weights.count / lobe.nodes])
    }
  }
}

extension StoredModel {
  /// A layer as files of Neuron up to 1.6 have it, in their words.
  package struct Lobe: Sendable {
    package let name: String?
    package let activation: String
    package let nodes: Int
    package let type: String
    package let norm: StoredOperation.LobeNorm?
    package let bias: [Float]
    package let biasWeights: [Float]
    package let weights: [Float]
  }

  /// The layers of a model of that family, that of the inputs first.
  package func lobes() throws(Failure) -> [Lobe] {
    if let misfit = brainMisfit {
      throw Failure(
        .badData, "Neuron 1 cannot hold '\(outline[misfit.layer].name)': \(misfit.reason)")
    }
    guard case .brain(let brain) = family else { return [] }
    return BrainWriter(self, brain).numbers
  }
}
