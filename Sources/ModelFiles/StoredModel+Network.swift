package import Configuration
package import Diagnostics
internal import Networks

extension StoredModel {
  /// What a file can hold of a network: its layers, or the failure of the first that it cannot.
  ///
  /// The settings have the keys `model`, `loss` and `optimizer` of a configuration; a sample is of shape
  /// `[h, w, c]` or `[f]`. `tensor` finds a parameter by its name, nil if the network has none such; where
  /// only the layers are asked for, it may come without numbers. Left to choose, a file for the first
  /// generation is what networks of dense layers get, in the layout that its readers compute; a layout
  /// asks for that generation.
  package init(
    _ settings: Settings, sample: [Int], coding: String?, layout: WeightLayout? = nil,
    generation: Generation? = nil, tensor: @escaping (String) -> StoredTensor?
  ) throws(Failure) {
    guard let shape = SampleShape(sample) else {
      throw Failure(.badConfiguration, "a .smodel file holds networks for vectors and maps")
    }
    var reader = NetworkReader(tensor: tensor, shape: shape)
    try reader.read(settings.sections("model"), under: "")
    guard let loss = settings.optionalSection("loss") else {
      throw settings.failure(
        at: "outputs", "a .smodel file holds a list of layers with one output: leave outputs out")
    }
    let optimizer = settings.section("optimizer")
    let adam =
      optimizer.name != "adam"
      ? nil
      : Adam(
        beta1: optimizer.number("beta1"), beta2: optimizer.number("beta2"),
        epsilon: optimizer.number("epsilon"))
    let brain = Brain(
      layout: layout ?? .permuted, learningRate: optimizer.number("learning_rate"), adam: adam)
    self.init(
      sample: shape, layers: reader.layers, family: .sequential,
      mark: Mark(coding: coding, loss: loss.name))
    let hasDropout = layers.contains { if case .dropout = $0.operation { true } else { false } }
    switch generation ?? (layout == nil ? nil : .first) {
    case .second: break
    case nil: if brainMisfit == nil, !hasDropout { family = .brain(brain) }
    case .first:
      if let misfit = brainMisfit {
        throw reader.places[misfit.layer].failure(
          "a file for Neuron 1 cannot hold this \(reader.places[misfit.layer].name): \(misfit.reason)"
        )
      }
      family = .brain(brain)
    }
  }

  /// Which releases of Neuron are to read a file.
  package enum Generation: Int, CaseIterable, Sendable {
    /// Up to 1.6.
    case first = 1
    case second = 2
  }
}

/// Finds what a file can hold of the layers of a network, or says which it cannot.
private struct NetworkReader {
  let tensor: (String) -> StoredTensor?
  var shape: SampleShape
  var layers: [StoredLayer] = []
  /// Where each of them was written.
  var places: [Settings] = []

  mutating func read(_ list: [Settings], under path: String) throws(Failure) {
    var names = LayerNames()
    for (place, settings) in list.enumerated() {
      let kind = settings.name
      let name = names.next(kind, settings.optionalName)
      let next = place + 1 < list.count ? list[place + 1] : nil
      let parameters = ["weight", "bias", "running_mean", "running_var", "shortcut/weight"]
      let tensors = parameters.compactMap { parameter in
        tensor("\(path)\(name)/\(parameter)")?.named(parameter)
      }
      let operation = try operation(
        kind, settings, tensors, next, under: "\(path)\(name)/")
      try append(
        StoredLayer(operation, name: tensors.isEmpty && kind != "residual" ? nil : name, tensors),
        settings)
    }
  }

  private mutating func append(_ layer: StoredLayer, _ settings: Settings) throws(Failure) {
    do throws(Misfit) {
      shape = try layer.output(of: shape)
    } catch {
      throw lacks(settings, error.message)
    }
    layers.append(layer)
    places.append(settings)
  }

  private func lacks(_ settings: Settings, _ reason: String) -> Failure {
    settings.failure("a .smodel file cannot hold this \(settings.name): \(reason)")
  }

  private func operation(
    _ kind: String, _ settings: Settings, _ tensors: [StoredTensor], _ next: Settings?,
    under path: String
  ) throws(Failure) -> StoredOperation {
    switch kind {
    case "dense": return .dense(units: settings.integer("units"))
    case "conv": return try conv(settings)
    case "conv_transpose": return try convTranspose(settings)
    case "maxpool":
      let pooling = try pooling(settings)
      guard pooling == StoredOperation.Sides(height: 2, width: 2) else {
        throw lacks(settings, "Neuron's windows are 2x2")
      }
      return .maxPool
    case "avgpool":
      let pooling = try pooling(settings)
      return .avgPool(height: pooling.height, width: pooling.width)
    case "global_avgpool": return .globalAvgPool
    case "pad": return try pad(settings, next)
    case "flatten": return .flatten
    case "reshape":
      let extents =
        switch settings.value("to") {
        case .list(let extents): extents.map(\.integer)
        case let length: [length.integer]
        }
      guard let shape = SampleShape(extents) else { throw lacks(settings, "its shape") }
      return .reshape(shape)
    case "batchnorm":
      guard case .map = shape else {
        throw lacks(settings, "Neuron takes a vector for one channel")
      }
      guard settings.number("epsilon") == 1e-5 else {
        throw lacks(settings, "Neuron's epsilon is 1e-05")
      }
      return .batchNorm(epsilon: 1e-5, momentum: settings.number("momentum"))
    case "layernorm":
      if case .map = shape, settings.optionalValue("over") == .choice("features") {
        throw lacks(settings, "Neuron's is over the whole sample: set over: sample")
      }
      switch settings.value("affine") {
      case .boolean(true): return .layerNorm(epsilon: settings.number("epsilon"))
      case .boolean: throw lacks(settings, "Neuron's always scales and shifts: set affine: true")
      default: return try lobeNorm(settings, tensors)
      }
    case "instancenorm": return .instanceNorm(epsilon: settings.number("epsilon"))
    case "dropout": return .dropout(rate: settings.number("rate"))
    case "relu": return .activation(.relu)
    case "leaky_relu": return .activation(.leakyRelu(slope: settings.number("slope")))
    case "prelu":
      guard settings.text("per") == "layer" else {
        throw lacks(settings, "Neuron's has one slope: set per: layer")
      }
      return .activation(.prelu)
    case "selu": return .activation(.selu(isRounded: false))
    case "swish": return .activation(.swish)
    case "mish": return .activation(.mish)
    case "sigmoid": return .activation(.sigmoid)
    case "tanh": return .activation(.tanh)
    case "softmax":
      guard case .vector = shape else {
        throw lacks(settings, "Neuron's is over columns, not over channels")
      }
      return .activation(.softmax)
    case "residual": return try residual(settings, next, under: path)
    case "gelu":
      throw lacks(settings, "Neuron writes it as a leakyRelu and reads it back as one")
    case "embedding":
      throw lacks(settings, "Neuron's vectors lie along columns, not along channels")
    default:
      throw lacks(settings, "Neuron has no such layer")
    }
  }

  /// What a lobe of Neuron 1 does to its inputs first.
  private func lobeNorm(
    _ settings: Settings, _ tensors: [StoredTensor]
  ) throws(Failure) -> StoredOperation {
    guard settings.number("epsilon") == StoredOperation.LobeNorm.epsilon else {
      throw lacks(
        settings,
        "Neuron's epsilon is \(StoredOperation.LobeNorm.epsilon) where two numbers are for all")
    }
    func number(_ name: String) -> Float? { tensors.first { $0.name == name }?.values.first }
    return .lobeNorm(
      StoredOperation.LobeNorm(
        scale: number("weight") ?? 1, shift: number("bias") ?? 0, mean: 0, variance: 1,
        momentum: 0.99, learningRate: 0.1, isOfVector: true))
  }

  // MARK: Convolutions

  private func filter(
    _ settings: Settings, _ padding: StoredOperation.Padding
  ) throws(Failure) -> StoredOperation.Filter {
    let (kernel, stride) = (settings.sides("kernel"), settings.sides("stride"))
    guard settings.sides("dilation") == StoredOperation.Sides(height: 1, width: 1) else {
      throw lacks(settings, "Neuron's filters are not dilated")
    }
    guard kernel.height == kernel.width, stride.height == stride.width else {
      throw lacks(
        settings, "Neuron exchanges height and width of filters and strides when it reads a file")
    }
    return StoredOperation.Filter(
      count: settings.integer("filters"), kernel: kernel, stride: stride, padding: padding,
      groups: settings.integer("groups"))
  }

  private func conv(_ settings: Settings) throws(Failure) -> StoredOperation {
    let padding: StoredOperation.Padding
    switch settings.value("padding") {
    case .choice("same"): padding = .same
    case .choice, .integer(0): padding = .valid
    default: throw lacks(settings, "Neuron's padding is 'same' or 'valid'")
    }
    let filter = try filter(settings, padding)
    guard filter.groups == 1 || filter.groups == shape.channels && filter.groups == filter.count
    else {
      throw lacks(settings, "Neuron has one group, or one filter for each channel")
    }
    return .conv(filter)
  }

  private func convTranspose(_ settings: Settings) throws(Failure) -> StoredOperation {
    guard settings.value("padding") == .choice("same"), settings.integer("groups") == 1 else {
      throw lacks(settings, "Neuron's has padding 'same' and one group")
    }
    let sides = (kernel: settings.sides("kernel").height, stride: settings.sides("stride").height)
    // Both cut as much off, but where that is odd they may part it otherwise.
    let rest = max(0, sides.kernel - sides.stride)
    guard let cut = StoredOperation.Cut(sides.kernel, stride: sides.stride), cut.more == 0,
      cut.low == rest / 2, cut.low + cut.high == rest
    else {
      throw lacks(
        settings,
        "Neuron places filters of \(sides.kernel) with a stride of \(sides.stride) otherwise")
    }
    return .convTranspose(try filter(settings, .cut(vertical: cut, horizontal: cut)))
  }

  // MARK: The rest

  private func pooling(_ settings: Settings) throws(Failure) -> StoredOperation.Sides {
    let size = settings.sides("size")
    guard settings.value("padding") == .integer(0),
      settings.optionalValue("ceil_mode") != .boolean(true),
      settings.optionalValue("stride") == nil || settings.sides("stride") == size
    else { throw lacks(settings, "Neuron's windows lie side by side, without padding") }
    return size
  }

  /// Zeros that make a map even, before a pooling that would see them there anyway.
  private func pad(_ settings: Settings, _ next: Settings?) throws(Failure) -> StoredOperation {
    guard next?.name == "maxpool", case .map(let height, let width, _) = shape,
      settings.value("margins")
        == .list([
          .list([.integer(0), .integer(height % 2)]), .list([.integer(0), .integer(width % 2)]),
        ])
    else {
      throw lacks(settings, "Neuron has zeros around maps only where maxPool finds them odd")
    }
    return .pad(bottom: height % 2, right: width % 2)
  }

  private func residual(
    _ settings: Settings, _ next: Settings?, under path: String
  ) throws(Failure) -> StoredOperation {
    guard next?.name == "relu" else {
      throw lacks(settings, "Neuron's resNet ends with a relu: put one behind it")
    }
    guard case .map(let height, let width, let channels) = shape else {
      throw lacks(settings, "Neuron's resNet takes maps")
    }
    var inner = NetworkReader(tensor: tensor, shape: shape)
    try inner.read(settings.sections("layers"), under: path)
    guard case .map(let rows, let columns, let filters) = inner.shape else {
      throw lacks(settings, "Neuron's resNet makes maps")
    }
    let stride = (height + rows - 1) / rows
    guard stride == (width + columns - 1) / columns else {
      throw lacks(settings, "Neuron's resNet has one stride for height and width")
    }
    if filters != channels || stride != 1, settings.value("shortcut") != .choice("auto") {
      throw lacks(settings, "Neuron's shortcut is a 1x1 convolution: set shortcut: auto")
    }
    if case .list = settings.value("shortcut") {
      throw lacks(settings, "Neuron's shortcut has no layers where shapes are equal")
    }
    return .residual(inner.layers)
  }
}

extension Settings {
  /// The name that a layer was given, if it can have one.
  fileprivate var optionalName: String? {
    record.keys.contains { $0.name == "name" } ? optionalText("name") : nil
  }

  /// A height and a width: one number for both, or a list.
  fileprivate func sides(_ key: String) -> StoredOperation.Sides {
    switch value(key) {
    case .list(let sides):
      StoredOperation.Sides(height: sides[0].integer, width: sides[1].integer)
    case let both: StoredOperation.Sides(height: both.integer, width: both.integer)
    }
  }
}
