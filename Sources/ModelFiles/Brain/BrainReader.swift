internal import Diagnostics
internal import JSON

/// Reads a model of Neuron up to 1.6, a `Brain`, in any form of its releases.
struct BrainReader {
  private let root: Field
  private let layers: [Field]
  private let choices: StoredModel.Choices
  private let mark: StoredModel.Mark?
  /// How to read each lobe, the input layer first.
  private let readings: [LobeReading]
  private let layout: WeightLayout
  /// Whether an output layer without an activation returns 1.
  private let answersOne: Bool
  /// Why the file alone is ambiguous; damage is reported first.
  private var ambiguity: Failure?

  init(_ root: Field, _ layers: [Field], _ choices: StoredModel.Choices) throws(Failure) {
    self.root = root
    self.layers = layers
    self.choices = choices
    mark = try StoredModel.Mark(root)
    let outline = try Self.outline(layers)
    if mark != nil {
      guard choices.release == nil else {
        throw Failure(
          .usage,
          "'\(root.text.path)' was written by nn-dist and says how it is to be read: leave out the "
            + "release")
      }
      let word = try root.optional("weightLayout")
      let marked = try word.map { field throws(Failure) in
        let name = try field.text()
        guard let layout = StoredModel.layouts[name] else {
          let known = StoredModel.layouts.keys.sorted().joined(separator: " or ")
          throw field.failure("expected \(known), found \(quoted(name))")
        }
        return layout
      }
      let layout = choices.layout ?? marked ?? .natural
      self.layout = layout
      readings = Self.readings(.release16, outline, layers, layout)
    } else {
      let candidates = try BrainRelease.candidates(root, layers)
      if let release = choices.release, !candidates.contains(release) {
        throw Failure(
          .badData,
          "'\(root.text.path)' is a file of Neuron \(candidates.names), not of \(release.name)")
      }
      let possible = choices.release.map { [$0] } ?? candidates
      let ways = possible.map { Self.readings($0, outline, layers, choices.layout) }
      if ways.contains(where: { $0 != ways[0] }) {
        ambiguity = Failure(
          .badData,
          "'\(root.text.path)' may be of Neuron \(possible.names), which compute different answers "
            + "from it: say which with --release (release in train.init_from and PretrainedModel)")
      }
      readings = ways[0]
      layout =
        choices.layout ?? ([.release15, .release16].contains(possible[0]) ? .permuted : .natural)
    }
    answersOne = choices.release == .release145
  }

  private static func readings(
    _ release: BrainRelease, _ outline: [LobeOutline], _ layers: [Field], _ layout: WeightLayout?
  ) -> [LobeReading] {
    var readings = release.readings(
      of: outline, statesMoments: BrainRelease.statesMoments(layers))
    if let layout {
      for place in readings.indices where outline[place].isPermutable {
        readings[place].layout = layout
      }
    }
    return readings
  }

  private static func outline(_ layers: [Field]) throws(Failure) -> [LobeOutline] {
    var inputs = 1
    return try layers.map { layer throws(Failure) in
      let nodes = try layer.required("nodes").integer(in: 1...1 << 30)
      defer { inputs = nodes }
      return LobeOutline(nodes: nodes, inputs: inputs, hasNorm: try hasNorm(layer))
    }
  }

  func model() throws(Failure) -> StoredModel {
    let inputs = try layers[0].required("nodes").integer(in: 1...1 << 30)
    guard layers.count > 1 else {
      throw root.failure("expected layers after the input layer, found none")
    }
    var read: [StoredLayer] = []
    // The input layer's weights, bias and activation are unused; its norm may be used.
    if readings[0].norm != .none { read.append(try norm(layers[0])) }
    var width = inputs
    var hasConstant = false
    for (layer, reading) in zip(layers, readings).dropFirst() {
      read += try self.layers(
        of: layer, reading, inputs: width, afterConstant: hasConstant)
      hasConstant = try self.hasConstant(layer)
      width = try layer.required("nodes").integer(in: 1...1 << 30)
    }
    if let ambiguity { throw ambiguity }
    if answersOne, let last = read.last, case .dense(let units) = last.operation {
      read[read.count - 1].tensors = [
        StoredTensor("weight", last.tensors[0].shape, last.tensors[0].values.map { _ in 0 }),
        StoredTensor("bias", [units], Array(repeating: 1, count: units)),
      ]
    }
    return StoredModel(
      sample: .vector(inputs), layers: read,
      family: .brain(
        StoredModel.Brain(
          layout: layout, learningRate: try root.required("learningRate").number(),
          adam: try adam())),
      mark: mark)
  }

  /// The norm, the weights and the activation of a lobe, in the order of computation.
  ///
  /// A node that only holds the bias of the next layer is left out, with its weights there.
  private func layers(
    of layer: Field, _ reading: LobeReading, inputs: Int, afterConstant: Bool
  ) throws(Failure) -> [StoredLayer] {
    let nodes = try layer.required("nodes").integer(in: 1...1 << 30)
    let activation = try activation(layer)
    let norm = reading.norm == .none ? [] : [try norm(layer)]
    let field = try layer.required("weights")
    guard let count = product([nodes, inputs]) else {
      throw field.failure("\(nodes) nodes of \(inputs) weights are more than a tensor may have")
    }
    if field.numberCount != nil {
      let shape = try field.shape(rank: 2)
      guard shape == [nodes, inputs] else {
        throw field.failure(
          "expected \(nodes) lists of \(inputs) numbers, as many as the layer and the one before "
            + "have nodes, found \(shape[0]) of \(shape[1])")
      }
    }
    let stored = try field.floats(count, "\(inputs) for each of \(nodes) nodes")
    let rows = reading.layout.read(stored, nodes: nodes, inputs: inputs)
    let (units, width) = (
      try hasConstant(layer) ? nodes - 1 : nodes, afterConstant ? inputs - 1 : inputs
    )
    var tensors = [
      StoredTensor(
        "weight", [units, width],
        (0..<units).flatMap { rows[$0 * inputs..<$0 * inputs + width] })
    ]
    // A softmax has no bias, whatever the file has, unless an ExportModel marks one.
    let marked = mark == nil ? nil : try layer.optional("softmaxHasBias")
    let hasBias = try marked?.boolean() ?? false
    if activation != .softmax || afterConstant || hasBias,
      let bias = try bias(layer, nodes, of: units)
    {
      tensors.append(bias)
    }
    var name: String?
    if mark != nil { name = try layer.optional("name")?.text() }
    let dense = [StoredLayer(.dense(units: units), name: name, tensors)]
    let after = activation.map { [StoredLayer(.activation($0))] } ?? []
    return reading.norm == .before ? norm + dense + after : dense + after + norm
  }

  /// The learned factor times the lobe's constant; a constant of 0 means no bias.
  private func bias(
    _ layer: Field, _ nodes: Int, of units: Int
  ) throws(Failure) -> StoredTensor? {
    func numbers(_ key: String) throws(Failure) -> [Float]? {
      try layer.optional(key).map { field throws(Failure) in
        try field.floats(nodes, "one for each node")
      }
    }
    guard let constants = try numbers("bias") else {
      throw layer.failure("expected a key 'bias'")
    }
    if constants.prefix(units).allSatisfy({ $0 == 0 }) { return nil }
    // The first releases had no weights for it.
    let weights = try numbers("biasWeights") ?? constants.map { _ in 1 }
    let products = zip(constants, weights).prefix(units).map { $0 * $1 }
    guard products.allSatisfy(\.isFinite) else {
      throw layer.failure("bias times biasWeights is more than a 32-bit float can hold")
    }
    return StoredTensor("bias", [units], products)
  }

  /// Whether this program's writer has added a constant node.
  private func hasConstant(_ layer: Field) throws(Failure) -> Bool {
    guard mark != nil, let field = try layer.optional("constantNode"), try field.boolean() else {
      return false
    }
    guard try layer.required("nodes").integer(in: 1...1 << 30) > 1 else {
      throw field.failure("a layer of one node has none beside its constant one")
    }
    return true
  }

  private static let activations: [String: StoredOperation.Activation] = [
    "reLu": .relu, "sigmoid": .sigmoid, "leakyRelu": .leakyRelu(slope: 0.1), "swish": .swish,
    "tanh": .tanh, "softmax": .softmax,
  ]

  private func activation(
    _ layer: Field
  ) throws(Failure) -> StoredOperation.Activation? {
    let field = try layer.required("activation")
    let name = try field.text("the name of an activation")
    if name == "none" { return nil }
    guard let activation = Self.activations[name] else {
      let hint = Suggestion.hint(for: name, among: Self.activations.keys.sorted() + ["none"])
      throw field.failure("unknown activation \(quoted(name))\(hint)")
    }
    return activation
  }

  // MARK: Beside the weights

  /// Whether a lobe is normalised.
  ///
  /// Releases from 1.5 on need parameters for it; before there were none.
  private static func hasNorm(_ layer: Field) throws(Failure) -> Bool {
    guard try layer.optional("normalize")?.boolean() ?? false else { return false }
    return layer.has("batchNormalizerParams") || layer.has("gamma")
  }

  private func norm(_ layer: Field) throws(Failure) -> StoredLayer {
    let inner = try layer.optional("batchNormalizerParams")
    func number(_ key: String, otherwise: Double?) throws(Failure) -> Float {
      let found = if let inner { try inner.required(key) } else { try layer.optional(key) }
      if let found { return Float(try found.number()) }
      guard let otherwise else { throw layer.failure("expected a key '\(key)'") }
      return Float(otherwise)
    }
    let variance = try number("movingVariance", otherwise: choices.usesStoredStatistics ? nil : 1)
    guard variance >= 0 else { throw layer.failure("expected a movingVariance from 0") }
    return StoredLayer(
      .lobeNorm(
        StoredOperation.LobeNorm(
          scale: try number("gamma", otherwise: 1), shift: try number("beta", otherwise: 0),
          mean: try number("movingMean", otherwise: choices.usesStoredStatistics ? nil : 0),
          variance: variance, momentum: try number("momentum", otherwise: 0.9),
          learningRate: try number("learningRate", otherwise: 0.01),
          isOfVector: !choices.usesStoredStatistics)))
  }

  private func adam() throws(Failure) -> StoredModel.Adam? {
    guard let optimizer = try root.optional("optimizer") else { return nil }
    let adam = try optimizer.required("adam")
    return StoredModel.Adam(
      beta1: try adam.required("b1").number(), beta2: try adam.required("b2").number(),
      epsilon: try adam.required("eps").number())
  }
}

extension StoredModel {
  /// The names of the two layouts in files of this program.
  static let layouts: [String: WeightLayout] = ["node-input": .natural, "permuted": .permuted]
}
