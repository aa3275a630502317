internal import Diagnostics

/// Writes a model as Neuron 2 reads it.
struct SequentialWriter {
  private let model: StoredModel
  /// The last number of a tensor; files number their tensors.
  private var lastNumber = 0

  init(_ model: StoredModel) { self.model = model }

  mutating func write(to json: inout JSONWriter) throws(Failure) {
    let model = model
    try json.object { json throws(Failure) in
      try json.member("layers") { json throws(Failure) in
        try json.list { json throws(Failure) in
          try write(model.layers, model.sample, to: &json)
        }
      }
      try json.write(model.mark ?? StoredModel.Mark())
    }
  }

  private mutating func write(
    _ layers: [StoredLayer], _ sample: SampleShape, to json: inout JSONWriter
  ) throws(Failure) {
    var shape = sample
    var rest = layers[...]
    while let layer = rest.popFirst() {
      let output = layer.knownOutput(of: shape)
      if case .residual(let inner) = layer.operation {
        // In the file the relu after the sum is part of the block.
        rest.removeFirst()
        try writeBlock(layer, inner, shape, to: &json)
      } else if case .pad = layer.operation {
        // Neuron's pooling pads an odd map with these zeros itself.
        try write(rest.removeFirst(), shape, isScaled: false, to: &json)
        shape = StoredLayer(.maxPool).knownOutput(of: output)
        continue
      } else {
        var isScaled = false
        if case .dropout = layer.operation, case .scale = rest.first?.operation {
          rest.removeFirst()
          isScaled = true
        }
        try write(layer, shape, isScaled: isScaled, to: &json)
        if layer.isConvolution, let bias = layer.tensor("bias") {
          try writeBias(bias.values, output, to: &json)
        }
      }
      shape = output
    }
  }

  /// A layer of the file: its type, and its members in the one element of a list.
  private mutating func write(
    _ type: SequentialType, of layer: StoredLayer?, _ shape: SampleShape, to json: inout JSONWriter,
    _ members: (inout SequentialWriter, inout JSONWriter) throws(Failure) -> Void
  ) throws(Failure) {
    try json.object { json throws(Failure) in
      try json.member("type", type.rawValue)
      try json.member("layer") { json throws(Failure) in
        try json.list { json throws(Failure) in
          try json.object { json throws(Failure) in
            if let name = layer?.name { try json.member("name", name) }
            try json.member("inputSize", TensorSize(shape))
            try members(&self, &json)
          }
        }
      }
    }
  }

  private mutating func write(
    _ layer: StoredLayer, _ shape: SampleShape, isScaled: Bool, to json: inout JSONWriter
  ) throws(Failure) {
    func values(_ name: String) -> [Float] { layer.tensor(name)?.values ?? [] }
    switch layer.operation {
    case .dense(let units):
      try write(.dense, of: layer, shape, to: &json) { writer, json throws(Failure) in
        try json.member("outputSize", TensorSize(.vector(units)))
        let bias = layer.tensor("bias")
        try json.member("biasEnabled", bias != nil)
        try writer.tensor("weights", values("weight"), [1, units, shape.count], to: &json)
        try writer.tensor(
          "biases", bias?.values ?? [Float](repeating: 0, count: units), [1, 1, units], to: &json)
      }
    case .conv(let filter):
      let type: SequentialType = filter.groups > 1 ? .depthwiseConv2d : .conv2d
      let depth = filter.groups > 1 ? 1 : shape.channels
      try write(type, of: layer, shape, to: &json) { writer, json throws(Failure) in
        try writer.filters(filter, values("weight"), depth: depth, to: &json)
      }
    case .convTranspose(let filter):
      let weight = layer.tensor("weight")?.turned.values ?? []
      try write(.transConv2d, of: layer, shape, to: &json) { writer, json throws(Failure) in
        try writer.filters(filter, weight, depth: shape.channels, to: &json)
      }
    case .batchNorm(_, let momentum):
      try write(.batchNormalize, of: layer, shape, to: &json) { _, json throws(Failure) in
        // In the file all elements of a vector are one channel, with one number each.
        func channels(_ name: String) -> [Float] {
          if case .vector = shape { Array(values(name).prefix(1)) } else { values(name) }
        }
        try json.member("gamma", channels("weight"))
        try json.member("beta", channels("bias"))
        try json.member("movingMean", channels("running_mean"))
        try json.member("movingVariance", channels("running_var"))
        try json.member("momentum", 1 - momentum)
      }
    case .layerNorm(let epsilon):
      let size = TensorSize(shape)
      let places = size.rows * size.columns * size.depth / shape.channels
      func spread(_ name: String) -> [Float] {
        values(name).flatMap { [Float](repeating: $0, count: places) }
      }
      try write(.layerNormalize, of: layer, shape, to: &json) { writer, json throws(Failure) in
        let extents = [size.depth, size.rows, size.columns]
        try writer.tensor("gamma", spread("weight"), extents, to: &json)
        try writer.tensor("beta", spread("bias"), extents, to: &json)
        try json.member("epsilon", epsilon)
      }
    case .instanceNorm(let epsilon):
      try write(.instanceNorm, of: layer, shape, to: &json) { writer, json throws(Failure) in
        try writer.tensor("gamma", values("weight"), [1, 1, shape.channels], to: &json)
        try writer.tensor("beta", values("bias"), [1, 1, shape.channels], to: &json)
        try json.member("epsilon", epsilon)
      }
    case .maxPool: try write(.maxPool, of: nil, shape, to: &json) { _, _ in }
    case .avgPool(let height, let width):
      try write(.avgPool, of: nil, shape, to: &json) { _, json throws(Failure) in
        try json.member("kernelSize", TensorSize(.map(height: height, width: width, channels: 1)))
      }
    case .globalAvgPool: try write(.globalAvgPool, of: nil, shape, to: &json) { _, _ in }
    case .flatten: try write(.flatten, of: nil, shape, to: &json) { _, _ in }
    case .reshape(let result):
      try write(.reshape, of: nil, shape, to: &json) { _, json throws(Failure) in
        try json.member("reshapeSize", TensorSize(result))
      }
    case .dropout(let rate):
      try write(.dropout, of: nil, shape, to: &json) { _, json throws(Failure) in
        // Neuron scales by the chance in inference; a scale layer after it means that.
        try json.member("chance", isScaled ? rate : 0)
        if !isScaled { try json.member("rate", rate) }
      }
    case .activation(let activation):
      try write(activation.type, of: layer, shape, to: &json) { _, json throws(Failure) in
        switch activation {
        case .leakyRelu(let slope): try json.member("limit", slope)
        case .selu(isRounded: true): try json.member("isRounded", true)
        case .prelu: try json.member("alpha", values("weight").first ?? 0)
        default: break
        }
      }
    case .residual, .pad, .lobeNorm, .scale:
      preconditionFailure("what the format lacks is found before it is written")
    }
  }

  // MARK: Parts of layers

  private mutating func filters(
    _ filter: StoredOperation.Filter, _ weight: [Float], depth: Int, to json: inout JSONWriter
  ) throws(Failure) {
    let (kernel, stride) = (filter.kernel, filter.stride)
    try json.member("filterSize", [kernel.height, kernel.width])
    try json.member("strides", [stride.height, stride.width])
    try json.member("padding") { json throws(Failure) in
      let word = filter.padding == .valid ? "valid" : "same"
      try json.object { json throws(Failure) in try json.member(word, word) }
    }
    try json.member("biasEnabled", false)
    try json.member("filterCount", filter.count)
    try json.member("filters") { json throws(Failure) in
      try json.list { json throws(Failure) in
        let size = weight.count / filter.count
        for index in 0..<filter.count {
          try tensor(
            Array(weight[index * size..<(index + 1) * size]), [depth, kernel.height, kernel.width],
            to: &json)
        }
      }
    }
  }

  /// Neuron loses biases of convolutions, but not of norms: a norm that only adds replaces them.
  private mutating func writeBias(
    _ bias: [Float], _ shape: SampleShape, to json: inout JSONWriter
  ) throws(Failure) {
    let ones = [Float](repeating: 1, count: bias.count)
    try write(.batchNormalize, of: nil, shape, to: &json) { _, json throws(Failure) in
      try json.member("biasOfLayerBefore", true)
      try json.member("gamma", ones)
      try json.member("beta", bias)
      try json.member("movingMean", [Float](repeating: 0, count: bias.count))
      // Neuron adds epsilon to it, which makes it 1.
      try json.member("movingVariance", ones.map { $0 - 1e-5 })
      try json.member("momentum", 0.99)
    }
  }

  private mutating func writeBlock(
    _ layer: StoredLayer, _ inner: [StoredLayer], _ shape: SampleShape, to json: inout JSONWriter
  ) throws(Failure) {
    let output = layer.knownOutput(of: shape)
    let stride = shape.extents[0] / max(1, output.extents[0])
    let shortcut = layer.tensor("shortcut/weight").map { weight in
      let filter = StoredOperation.Filter(
        count: output.channels, kernel: StoredOperation.Sides(height: 1, width: 1),
        stride: StoredOperation.Sides(height: stride, width: stride), padding: .same, groups: 1)
      return [StoredLayer(.conv(filter), [weight.named("weight")])]
    }
    try write(.resNet, of: layer, shape, to: &json) { writer, json throws(Failure) in
      try json.member("filterCount", output.channels)
      try json.member("stride", stride)
      for (key, layers) in [
        ("innerBlockSequential", inner), ("shortcutSequential", shortcut ?? []),
      ] {
        try json.member(key) { json throws(Failure) in
          try json.object { json throws(Failure) in
            try json.member("layers") { json throws(Failure) in
              try json.list { json throws(Failure) in try writer.write(layers, shape, to: &json) }
            }
          }
        }
      }
    }
  }

  private mutating func tensor(
    _ key: String, _ values: [Float], _ extents: [Int], to json: inout JSONWriter
  ) throws(Failure) {
    try json.member(key) { json throws(Failure) in try tensor(values, extents, to: &json) }
  }

  /// A tensor whose extents are depth, rows and columns.
  private mutating func tensor(
    _ values: [Float], _ extents: [Int], to json: inout JSONWriter
  ) throws(Failure) {
    lastNumber += 1
    try json.object { json throws(Failure) in
      try json.member("label", "")
      try json.member("id", lastNumber)
      try json.member("context") { json throws(Failure) in try json.object { _ in } }
      try json.member(
        "size", TensorSize(.map(height: extents[1], width: extents[2], channels: extents[0])))
      try json.member("storage", values)
    }
  }
}

extension JSONWriter {
  mutating func member(_ key: String, _ size: TensorSize) throws(Failure) {
    try member(key) { json throws(Failure) in
      try json.object { json throws(Failure) in
        try json.member("rows", size.rows)
        try json.member("columns", size.columns)
        try json.member("depth", size.depth)
        try json.member("batchCount", 1)
      }
    }
  }
}

extension StoredOperation.Activation {
  var type: SequentialType {
    switch self {
    case .relu: .relu
    case .sigmoid: .sigmoid
    case .tanh: .tanh
    case .swish: .swish
    case .mish: .mish
    case .selu: .selu
    case .softmax: .softmax
    case .gelu, .leakyRelu: .leakyRelu
    case .prelu: .prelu
    }
  }
}

extension StoredLayer {
  var isConvolution: Bool {
    switch operation {
    case .conv, .convTranspose: true
    default: false
    }
  }

  /// The shape of the output; the layers were checked before.
  func knownOutput(of shape: SampleShape) -> SampleShape {
    do throws(Misfit) {
      return try output(of: shape)
    } catch {
      preconditionFailure("layers were checked: \(error.message)")
    }
  }
}

extension StoredTensor {
  func named(_ name: String) -> StoredTensor { StoredTensor(name, shape, values) }
}
