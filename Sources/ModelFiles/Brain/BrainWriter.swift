internal import Diagnostics

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
          try writeInput(to: &json)
          var width = inputs
          for (place, lobe) in lobes.enumerated() {
            try write(
              lobe, inputs: width, as: place == lobes.count - 1 ? "output" : "hidden", to: &json)
            width = lobe.nodes
          }
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

  private func writeInput(to json: inout JSONWriter) throws(Failure) {
    let zeros = [Float](repeating: 0, count: inputs)
    try json.object { json throws(Failure) in
      try json.member("activation", "none")
      try json.member("nodes", inputs)
      try json.member("type", "input")
      try json.member("normalize", false)
      try json.member("bias", zeros)
      try json.member("biasWeights", zeros)
      try json.member("weights", zeros, lists: [inputs, 1])
    }
  }

  private func write(
    _ lobe: Lobe, inputs: Int, as type: String, to json: inout JSONWriter
  ) throws(Failure) {
    let nodes = lobe.nodes
    try json.object { json throws(Failure) in
      if let name = lobe.dense.name { try json.member("name", name) }
      try json.member("activation", lobe.activation)
      try json.member("nodes", nodes)
      try json.member("type", type)
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
      // What is learnt stands in biasWeights, times a constant of 1.
      let bias = lobe.dense.tensor("bias")?.values
      try json.member("bias", [Float](repeating: bias == nil ? 0 : 1, count: nodes))
      try json.member("biasWeights", bias ?? [Float](repeating: 0, count: nodes))
      let weights = lobe.dense.tensor("weight")?.values ?? []
      try json.member(
        "weights", brain.layout.write(weights, nodes: nodes, inputs: inputs),
        lists: [nodes, inputs])
    }
  }
}
