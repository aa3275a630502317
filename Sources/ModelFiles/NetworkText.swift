internal import Configuration
package import Diagnostics
internal import Networks

/// A stored model in the words of a configuration, with the numbers of its parameters.
package struct NetworkText: Sendable {
  /// The value of the key `model`.
  package private(set) var model = ""
  /// By the names that the network has for them.
  package private(set) var tensors: [(name: String, tensor: StoredTensor)] = []

  /// The network of a model for samples of a shape, which may have another than the model's own if
  /// the numbers are as many.
  package init(_ stored: StoredModel, samples: SampleShape? = nil) throws(Failure) {
    var layers = stored.layers
    if let samples, samples != stored.sample {
      guard samples.count == stored.sample.count else {
        throw Failure(
          .badData, "the model takes samples of \(stored.sample), found samples of \(samples)")
      }
      let change: StoredOperation =
        if case .vector = stored.sample { .flatten } else { .reshape(stored.sample) }
      layers.insert(StoredLayer(change), at: 0)
    }
    model = write(layers, samples ?? stored.sample, under: "")
  }

  private mutating func write(
    _ layers: [StoredLayer], _ sample: SampleShape, under path: String
  ) -> String {
    var names = LayerNames()
    var shape = sample
    var words: [String] = []
    for layer in layers {
      words += self.words(for: layer, shape, &names, under: path)
      shape = layer.knownOutput(of: shape)
    }
    return "[\(words.joined(separator: ", "))]"
  }

  /// A layer as a configuration writes it, or the two that do what it does.
  private mutating func words(
    for layer: StoredLayer, _ shape: SampleShape, _ names: inout LayerNames, under path: String
  ) -> [String] {
    let kind = layer.kind
    let name = names.next(kind, layer.name)
    func named(_ settings: String...) -> String { named(settings) }
    func named(_ settings: [String]) -> String {
      "\(kind): {\((settings + ["name: \(doubleQuoted(name))"]).joined(separator: ", "))}"
    }
    var tensors = layer.tensors
    let text: String
    switch layer.operation {
    case .dense(let units):
      text = named("units: \(units)", "bias: \(layer.tensor("bias") != nil)")
    case .conv(let filter), .convTranspose(let filter):
      text = named(filter.text, "bias: \(layer.tensor("bias") != nil)")
    case .maxPool: text = "maxpool: 2"
    case .avgPool(let height, let width): text = "avgpool: [\(height), \(width)]"
    case .pad(let bottom, let right): text = "pad: [[0, \(bottom)], [0, \(right)]]"
    case .reshape(.vector(let count)): text = "reshape: \(count)"
    case .reshape(let shape): text = "reshape: \(shape.extents)"
    case .batchNorm(let epsilon, let momentum):
      text = named("epsilon: \(epsilon)", "momentum: \(momentum)")
    case .layerNorm(let epsilon), .instanceNorm(let epsilon): text = named("epsilon: \(epsilon)")
    case .lobeNorm(let norm):
      let shared = norm.isOfVector ? ["affine: shared"] : []
      text = named(["epsilon: \(StoredOperation.LobeNorm.epsilon)"] + shared)
      tensors = norm.tensors(shape.count)
    case .dropout(let rate): text = "dropout: \(rate)"
    case .scale(let factor): text = "scale: \(factor)"
    case .activation(.leakyRelu(let slope)): text = "leaky_relu: \(slope)"
    case .activation(.prelu): text = named()
    case .activation(.selu(isRounded: true)):
      return [
        "{elu: \(StoredOperation.Activation.alpha)}",
        "{scale: \(StoredOperation.Activation.lambda)}",
      ]
    case .globalAvgPool, .flatten, .activation: text = kind
    case .residual(let layers):
      text = named("layers: \(write(layers, shape, under: "\(path)\(name)/"))")
    }
    for tensor in tensors { self.tensors.append(("\(path)\(name)/\(tensor.name)", tensor)) }
    return [text.contains(":") ? "{\(text)}" : text]
  }
}

extension StoredModel {
  /// What each layer is called, what it is and what comes out of it.
  package var outline: [(name: String, kind: String, output: SampleShape)] {
    var names = LayerNames()
    var shape = sample
    return layers.map { layer in
      shape = layer.knownOutput(of: shape)
      return (names.next(layer.kind, layer.name), layer.kind, shape)
    }
  }

  /// What comes out for one sample.
  package var output: SampleShape {
    layers.reduce(sample) { $1.knownOutput(of: $0) }
  }
}

/// The names of layers in a list: their own, or kind and running number as `Networks` counts.
struct LayerNames {
  private var counts: [String: Int] = [:]

  mutating func next(_ kind: String, _ name: String?) -> String {
    let number = counts[kind, default: 0] + 1
    counts[kind] = number
    return name ?? "\(kind)\(number)"
  }
}

extension StoredLayer {
  /// What `Networks` calls a layer of this kind.
  var kind: String {
    switch operation {
    case .dense: "dense"
    case .conv: "conv"
    case .convTranspose: "conv_transpose"
    case .maxPool: "maxpool"
    case .avgPool: "avgpool"
    case .globalAvgPool: "global_avgpool"
    case .pad: "pad"
    case .flatten: "flatten"
    case .reshape: "reshape"
    case .batchNorm: "batchnorm"
    case .layerNorm: "layernorm"
    case .instanceNorm: "instancenorm"
    case .lobeNorm(let norm): norm.isOfVector ? "layernorm" : "batchnorm"
    case .dropout: "dropout"
    case .scale: "scale"
    case .residual: "residual"
    case .activation(let activation):
      switch activation {
      case .relu: "relu"
      case .sigmoid: "sigmoid"
      case .tanh: "tanh"
      case .swish: "swish"
      case .mish: "mish"
      case .gelu: "gelu"
      case .softmax: "softmax"
      case .selu: "selu"
      case .leakyRelu: "leaky_relu"
      case .prelu: "prelu"
      }
    }
  }

  /// Whether its name is part of the names of parameters.
  var hasName: Bool {
    switch operation {
    case .dense, .conv, .convTranspose, .batchNorm, .layerNorm, .instanceNorm, .residual,
      .activation(.prelu):
      true
    case .maxPool, .avgPool, .globalAvgPool, .pad, .flatten, .reshape, .lobeNorm, .dropout, .scale,
      .activation:
      false
    }
  }
}

extension StoredOperation.Activation {
  fileprivate static let lambda = 1.0507
  fileprivate static let alpha = 1.6733
}

extension StoredOperation.Filter {
  fileprivate var text: String {
    let margins: String
    switch padding {
    case .same: margins = "padding: same"
    case .valid: margins = "padding: valid"
    case .cut(let vertical, let horizontal):
      margins =
        "padding: [[\(vertical.low), \(vertical.high)], [\(horizontal.low), \(horizontal.high)]], "
        + "output_padding: [\(vertical.more), \(horizontal.more)]"
    }
    return "filters: \(count), kernel: [\(kernel.height), \(kernel.width)], "
      + "stride: [\(stride.height), \(stride.width)], \(margins), groups: \(groups)"
  }
}

extension StoredOperation.LobeNorm {
  /// The one number of each kind, for every element of a vector.
  fileprivate func tensors(_ count: Int) -> [StoredTensor] {
    func all(_ name: String, _ number: Float) -> StoredTensor {
      StoredTensor(name, [count], [Float](repeating: number, count: count))
    }
    return
      isOfVector
      ? [StoredTensor("weight", [1], [scale]), StoredTensor("bias", [1], [shift])]
      : [
        all("weight", scale), all("bias", shift), all("running_mean", mean),
        all("running_var", variance),
      ]
  }
}
