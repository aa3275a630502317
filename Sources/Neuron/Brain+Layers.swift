internal import Configuration
internal import Diagnostics
internal import ModelFiles
internal import Networks

/// A layer that was added to a brain.
enum BrainLayer {
  case lobe(any LobeDefinition)
  case layer(NetworkLayer)
  /// In YAML, as a configuration has it.
  case text(String)
}

extension Brain {
  /// Sets the number of inputs; a second call replaces it.
  public func addInputs(_ count: Int) {
    precondition(count > 0, "addInputs(\(count)): expected at least one input")
    inputs = count
  }

  /// Appends a layer; call `addInputs` before.
  public func add(_ model: any LobeDefinition) {
    precondition(inputs != nil, "add(_:): call addInputs(_:) before adding a layer")
    precondition(model.nodes > 0, "add(_:): expected a layer of at least one node")
    requireOpen("add(_:)")
    layers.append(.lobe(model))
  }

  /// Appends a layer, `.init(nodes: 8, activation: .leakyRelu, normalize: true)`; the first call
  /// sets the number of inputs.
  public func add(_ model: AnyLobeModel) {
    if inputs == nil { addInputs(model.model.nodes) } else { add(model.model) }
  }

  /// Appends a layer written in YAML, as in a configuration of nn-dist: `"dropout: 0.2"`, `"gelu"`,
  /// `"conv: {filters: 16, kernel: 5}"`.
  ///
  /// Convolutions need maps: `"reshape: [28, 28, 1]"` makes some of 784 inputs.
  public func add(layer: String) {
    precondition(inputs != nil, "add(layer:): call addInputs(_:) before adding a layer")
    requireOpen("add(layer:)")
    layers.append(.text(layer))
  }

  /// Appends a layer of any kind: `.conv(16, kernel: 5)`, `.relu`, `.dropout(0.2)`.
  ///
  /// Convolutions need maps: `.reshape(28, 28, 1)` makes some of 784 inputs.
  public func add(_ layer: NetworkLayer) {
    precondition(inputs != nil, "add(_:): call addInputs(_:) before adding a layer")
    requireOpen("add(_:)")
    layers.append(.layer(layer))
  }

  /// Sets the optimiser, before `compile`; without one it is plain gradient descent.
  public func add(optimizer: Optimizer) { self.optimizer = optimizer }

  /// Builds the network and draws its first weights; does nothing if it is compiled.
  ///
  /// Errors are printed to standard error, and `compiled` stays false.
  public func compile() {
    guard !compiled else { return }
    do throws(Failure) {
      let learner = try Learner(design(), rule)
      if let imported { try learner.load(imported) }
      self.learner = learner
      log(.low, "compiled a network of \(learner.parameterCount) parameters")
      visualizer?.visualize(brain: self)
    } catch {
      Group.report(error)
    }
  }

  /// Sets the number of inputs and draws all weights again.
  public func replaceInputs(_ count: Int) {
    addInputs(count)
    learner = nil
    imported = nil
    compile()
  }

  private func requireOpen(_ call: String) {
    precondition(!compiled, "\(call): the network is compiled already; add layers before")
  }

  /// The network of the layers; `limits` says whether lobes keep their weights within limits.
  func design(limits: Bool = true) throws(Failure) -> NetworkDesign {
    guard let inputs, !layers.isEmpty || imported != nil else {
      throw Failure(.usage, "a brain needs addInputs and at least one layer")
    }
    var nodes = try imported?.imported.layers.nodes ?? []
    for layer in layers { nodes += try layer.nodes(self, within: limits ? weightConstraints : nil) }
    return try NetworkDesign(
      sample: [inputs], layers: LayerList(nodes), loss: lossFunction, seed: seed)
  }

  var rule: Rule { Rule(optimizer: optimizer, learningRate: learningRate) }
}

extension BrainLayer {
  /// The layers of a network that it stands for.
  fileprivate func nodes(
    _ brain: Brain, within limits: ClosedRange<Float>?
  ) throws(Failure) -> [Node] {
    switch self {
    case .lobe(let lobe): lobe.layers(brain.initializer, within: limits).map { Node($0) }
    case .layer(let layer): [layer.node]
    case .text(let text): try LayerList(text: text).nodes
    }
  }
}

extension LobeDefinition {
  fileprivate func layers(
    _ initializer: InitializerType, within limits: ClosedRange<Float>?
  ) -> [any Networks.Layer] {
    let norm = self is NormalizedLobeModel ? [LayerNorm.ofLobes] : []
    let dense = Dense(
      units: nodes, bias: bias == 0 ? .none : Bias(Array(repeating: bias, count: nodes)),
      initialiser: initializer.initialiser,
      constraint: limits.map {
        .within(Double(decimal: $0.lowerBound)...Double(decimal: $0.upperBound))
      })
    return norm + [dense] + (activation.layer.map { [$0] } ?? [])
  }
}

extension LayerNorm {
  /// The norm before a lobe: one learned scale and shift for all inputs.
  static let ofLobes = LayerNorm(epsilon: 5e-5, affine: .shared)
}

extension LayerList {
  /// A layer of a user's text: `dropout: 0.2`.
  init(text: String) throws(Failure) {
    let words = text.contains(":") ? "{\(text)}" : text
    let record = Record(
      "layers", keys: [Key("layer", LayerList.kind, help: "A layer.")], help: "A layer.")
    let settings = try Settings(text: "layer: [\(words)]", source: "layer", schema: record)
    self = try LayerList(setting: settings.value("layer"))
  }
}
