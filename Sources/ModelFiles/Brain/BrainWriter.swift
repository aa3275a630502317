package import Diagnostics
internal import Glibc

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
    /// Whether it has a constant node more: the bias of the softmax after it is the weight of that
    /// node, since a softmax has no bias there.
    var hasConstant = false

    /// The output of that node: the activation of 1; 0 if it depends on other nodes.
    var one: Float {
      switch activation {
      case "sigmoid", "swish": 1 / (1 + exp(-1))
      case "tanh": tanh(1)
      case "softmax": 0
      default: 1
      }
    }

    var nodes: Int { dense.tensor("weight")?.shape[0] ?? 0 }
  }

  /// With `hasConstants`, biases of a softmax become weights of a constant node.
  init(_ model: StoredModel, _ brain: StoredModel.Brain, hasConstants: Bool = true) {
    self.brain = brain
    mark = model.mark ?? StoredModel.Mark()
    inputs = model.sample.count
    var lobes = Self.lobes(of: model).lobes
    if !hasConstants { for place in lobes.indices { lobes[place].hasConstant = false } }
    self.lobes = lobes
  }

  /// The lobes of a model, up to the first layer that fits none.
  static func lobes(
    of model: StoredModel
  ) -> (lobes: [Lobe], misfit: (layer: Int, reason: String)?) {
    var lobes: [Lobe] = []
    var norm: StoredOperation.LobeNorm?
    for (place, layer) in model.layers.enumerated() {
      switch layer.operation {
      case .flatten where lobes.isEmpty: continue
      case .dropout: continue  // It only matters in training.
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
          guard last > 0, lobes[last].norm == nil, lobes[last - 1].one != 0 else {
            return (
              lobes, (place, "softmax takes no bias there: leave out that of the layer before it")
            )
          }
          lobes[last - 1].hasConstant = true
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
        name: nil, activation: "none", nodes: inputs, type: "input", norm: nil, hasConstant: false,
        bias: zeros,
        biasWeights: zeros, weights: zeros)
    ]
    for (place, lobe) in lobes.enumerated() {
      let inputs = numbers[place].nodes
      // The learned bias is in biasWeights, with a constant of 1.
      let learnt = lobe.dense.tensor("bias")?.values
      var weights = lobe.dense.tensor("weight")?.values ?? []
      if place > 0, lobes[place - 1].hasConstant, let learnt {
        let one = lobes[place - 1].one
        weights = learnt.enumerated().flatMap { node, bias in
          weights[node * (inputs - 1)..<(node + 1) * (inputs - 1)] + [
            min(max(bias / one, -.greatestFiniteMagnitude), .greatestFiniteMagnitude)
          ]
        }
      }
      var bias = [Float](repeating: learnt == nil ? 0 : 1, count: lobe.nodes)
      var biasWeights = learnt ?? [Float](repeating: 0, count: lobe.nodes)
      if lobe.hasConstant {
        weights += [Float](repeating: 0, count: inputs)
        bias.append(1)
        biasWeights.append(1)
      }
      numbers.append(
        StoredModel.Lobe(
          name: lobe.dense.name, activation: lobe.activation, nodes: bias.count,
          type: place == lobes.count - 1 ? "output" : "hidden", norm: lobe.norm,
          hasConstant: lobe.hasConstant, bias: bias, biasWeights: biasWeights,
          weights: brain.layout.write(weights, nodes: bias.count, inputs: inputs)))
    }
    return numbers
  }

  private func write(_ lobe: StoredModel.Lobe, to json: inout JSONWriter) throws(Failure) {
    try json.object { json throws(Failure) in
      if let name = lobe.name { try json.member("name", name) }
      try json.member("activation", lobe.activation)
      try json.member("nodes", lobe.nodes)
      try json.member("type", lobe.type)
      if lobe.hasConstant { try json.member("constantNode", true) }
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
  /// A layer of a file of Neuron up to 1.6.
  package struct Lobe: Sendable {
    package let name: String?
    package let activation: String
    package let nodes: Int
    package let type: String
    package let norm: StoredOperation.LobeNorm?
    /// Whether its last node holds the bias of the next layer.
    package let hasConstant: Bool
    package let bias: [Float]
    package let biasWeights: [Float]
    package let weights: [Float]
  }

  /// The layers of a model of that family, that of the inputs first.
  ///
  /// With `hasConstants` as in a file; without it, a softmax has its bias itself. `layout` replaces
  /// the model's.
  package func lobes(
    layout: WeightLayout? = nil, hasConstants: Bool = true
  ) throws(Failure) -> [Lobe] {
    if let misfit = brainMisfit {
      throw Failure(
        .badData, "Neuron 1 cannot hold '\(outline[misfit.layer].name)': \(misfit.reason)")
    }
    guard case .brain(let brain) = family else { return [] }
    let laid = Brain(
      layout: layout ?? brain.layout, learningRate: brain.learningRate, adam: brain.adam)
    return BrainWriter(self, laid, hasConstants: hasConstants).numbers
  }
}
