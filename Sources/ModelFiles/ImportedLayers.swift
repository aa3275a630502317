package import Diagnostics
package import Networks

/// The layers of a stored model as a network has them, and the values of their parameters.
package struct ImportedLayers: Sendable {
  package private(set) var layers = LayerList([])
  /// By the names that a network of these layers has for them.
  package private(set) var tensors: [(name: String, tensor: StoredTensor)] = []

  /// The layers of a model, for samples of its own shape or of another with as many numbers.
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
    self.layers = list(layers, samples ?? stored.sample, under: "")
  }

  private mutating func list(
    _ layers: [StoredLayer], _ sample: SampleShape, under path: String
  ) -> LayerList {
    var names = LayerNames()
    var shape = sample
    var nodes: [Node] = []
    for layer in layers {
      let name = names.next(layer.kind, layer.name)
      if case .residual(let inner) = layer.operation {
        let block = Residual(list(inner, shape, under: "\(path)\(name)/"))
        nodes.append(block.node(named: name))
      } else {
        nodes += layer.layers.map { $0.node(named: layer.hasParameters ? name : nil) }
      }
      tensors += layer.parameters(shape.count).map { ("\(path)\(name)/\($0.name)", $0) }
      shape = layer.knownOutput(of: shape)
    }
    return LayerList(nodes)
  }
}

extension StoredModel {
  /// The name, the kind and the output of each layer.
  package var outline: [(name: String, kind: String, output: SampleShape)] {
    var names = LayerNames()
    var shape = sample
    return layers.map { layer in
      shape = layer.knownOutput(of: shape)
      return (names.next(layer.kind, layer.name), layer.kind, shape)
    }
  }

  /// The shape of the output for one sample.
  package var output: SampleShape {
    layers.reduce(sample) { $1.knownOutput(of: $0) }
  }
}

/// The names of layers in a list: their own, or kind and running number, as a `LayerList` counts.
struct LayerNames {
  private var counts: [String: Int] = [:]

  mutating func next(_ kind: String, _ name: String?) -> String {
    counts[kind, default: 0] += 1
    return name ?? "\(kind)\(counts[kind] ?? 1)"
  }
}

extension StoredLayer {
  /// The kind of the layer in a configuration.
  var kind: String {
    switch operation {
    case .residual: "residual"
    case .activation(.selu): "selu"
    default: Node(layers[0]).kind
    }
  }

  /// Whether the names of parameters begin with its name.
  var hasParameters: Bool {
    switch operation {
    case .dense, .conv, .convTranspose, .batchNorm, .layerNorm, .instanceNorm, .lobeNorm, .residual,
      .activation(.prelu):
      true
    case .maxPool, .avgPool, .globalAvgPool, .pad, .flatten, .reshape, .dropout, .scale,
      .activation:
      false
    }
  }

  /// Its tensors; the norm of a lobe has them for all `count` elements of a sample.
  fileprivate func parameters(_ count: Int) -> [StoredTensor] {
    if case .lobeNorm(let norm) = operation { norm.tensors(count) } else { tensors }
  }

  /// The layer of a network that computes the same, or two that do so together; none for a block,
  /// whose layers have names.
  fileprivate var layers: [any Layer] {
    switch operation {
    case .dense(let units): [Dense(units: units, bias: bias)]
    case .conv(let filter):
      [
        Conv(
          filters: filter.count, kernel: Sides(filter.kernel), stride: Sides(filter.stride),
          padding: Margins(filter.padding), groups: filter.groups, bias: bias)
      ]
    case .convTranspose(let filter):
      [
        ConvTranspose(
          filters: filter.count, kernel: Sides(filter.kernel), stride: Sides(filter.stride),
          padding: Margins(filter.padding), outputPadding: filter.padding.more,
          groups: filter.groups, bias: bias)
      ]
    case .maxPool: [MaxPool(2)]
    case .avgPool(let height, let width): [AvgPool(Sides(height: height, width: width))]
    case .globalAvgPool: [GlobalAvgPool()]
    case .pad(let bottom, let right):
      [Pad(.explicit(vertical: Margin(0, bottom), horizontal: Margin(0, right)))]
    case .flatten: [Flatten()]
    case .reshape(let shape): [Reshape(to: shape.extents)]
    case .batchNorm(let epsilon, let momentum): [BatchNorm(epsilon: epsilon, momentum: momentum)]
    case .layerNorm(let epsilon): [LayerNorm(epsilon: epsilon)]
    case .instanceNorm(let epsilon): [InstanceNorm(epsilon: epsilon)]
    case .lobeNorm(let norm):
      norm.isOfVector
        ? [LayerNorm(epsilon: StoredOperation.LobeNorm.epsilon, affine: .shared)]
        : [BatchNorm(epsilon: StoredOperation.LobeNorm.epsilon)]
    case .dropout(let rate): [Dropout(rate)]
    case .scale(let factor): [Scale(factor)]
    case .activation(let activation): activation.layers
    case .residual: []
    }
  }

  private var bias: Bias { tensor("bias") == nil ? .none : .zeros }
}

extension StoredOperation.Activation {
  fileprivate var layers: [any Layer] {
    switch self {
    case .relu: [Activation.relu]
    case .sigmoid: [Activation.sigmoid]
    case .tanh: [Activation.tanh]
    case .swish: [Activation.swish]
    case .mish: [Activation.mish]
    case .gelu: [Activation.gelu]
    case .softmax: [Activation.softmax]
    case .selu(isRounded: false): [Activation.selu]
    case .selu(isRounded: true): [Activation.elu(alpha: 1.6733), Scale(1.0507)]
    case .leakyRelu(let slope): [Activation.leakyRelu(slope: slope)]
    case .prelu: [PRelu()]
    }
  }
}

extension Sides {
  fileprivate init(_ sides: StoredOperation.Sides) {
    self.init(height: sides.height, width: sides.width)
  }
}

extension Margins {
  fileprivate init(_ padding: StoredOperation.Padding) {
    switch padding {
    case .same: self = .same
    case .valid: self = .valid
    case .cut(let vertical, let horizontal):
      self = .explicit(
        vertical: Margin(vertical.low, vertical.high),
        horizontal: Margin(horizontal.low, horizontal.high))
    }
  }
}

extension StoredOperation.Padding {
  fileprivate var more: Sides {
    guard case .cut(let vertical, let horizontal) = self else { return 0 }
    return Sides(height: vertical.more, width: horizontal.more)
  }
}

extension StoredOperation.LobeNorm {
  /// The one number of each kind, or for a norm of stored statistics that number for every element.
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
