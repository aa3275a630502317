internal import Configuration
package import Diagnostics
internal import ModelFiles

/// A layer that was added.
enum BrainLayer {
  case lobe(any LobeDefinition)
  /// In the words of a configuration.
  case words(String)
}

extension Brain {
  /// Says how many numbers a sample has; again, it replaces what was said before.
  public func addInputs(_ count: Int) {
    precondition(count > 0, "addInputs(\(count)): expected at least one input")
    inputs = count
  }

  /// Adds a layer behind those there are; `addInputs` comes first.
  public func add(_ model: any LobeDefinition) {
    precondition(inputs != nil, "add(_:): call addInputs(_:) before adding a layer")
    precondition(model.nodes > 0, "add(_:): expected a layer of at least one node")
    requireOpen("add(_:)")
    layers.append(.lobe(model))
  }

  /// Adds a layer, `.init(nodes: 8, activation: .leakyRelu, normalize: true)`; the first says how many inputs
  /// there are.
  public func add(_ model: AnyLobeModel) {
    if inputs == nil { addInputs(model.model.nodes) } else { add(model.model) }
  }

  /// Adds any layer that a configuration of nn-dist can name, in its words: `"dropout: 0.2"`, `"gelu"`,
  /// `"conv: {filters: 16, kernel: 5}"`.
  ///
  /// Convolutions need maps: `"reshape: [28, 28, 1]"` makes some of 784 inputs.
  public func add(layer: String) {
    precondition(inputs != nil, "add(layer:): call addInputs(_:) before adding a layer")
    requireOpen("add(layer:)")
    layers.append(.words(layer))
  }

  /// Follows the gradient by another rule than plain descent; before `compile`.
  public func add(optimizer: Optimizer) { self.optimizer = optimizer }

  /// Makes a network of the layers, with first weights; does nothing if there is one already.
  ///
  /// What is wrong with layers is told on standard error, and `compiled` stays false.
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

  /// Says how many numbers a sample has, and draws all weights anew.
  public func replaceInputs(_ count: Int) {
    addInputs(count)
    learner = nil
    imported = nil
    compile()
  }

  private func requireOpen(_ call: String) {
    precondition(!compiled, "\(call): the network is compiled already; add layers before")
  }

  /// What makes a network of the layers, for `compile` and for other trainers; lobes keep their weights within
  /// limits, if `limits` says so.
  package func design(limits: Bool = true) throws(Failure) -> NetworkDesign {
    guard let inputs, !(layers.isEmpty && imported == nil) else {
      throw Failure(.usage, "a brain needs addInputs and at least one layer")
    }
    var words: [String] = []
    if let imported { words += try imported.words() }
    for layer in layers {
      switch layer {
      case .lobe(let model):
        words += self.words(for: model, within: limits ? weightConstraints : nil)
      case .words(let text): words.append(text.contains(":") ? "{\(text)}" : text)
      }
    }
    return try NetworkDesign(
      sample: [inputs], layers: "[\(words.joined(separator: ", "))]", loss: lossFunction,
      seed: seed)
  }

  private func words(
    for model: any LobeDefinition, within limits: ClosedRange<Float>?
  ) -> [String] {
    var words: [String] = []
    if model is NormalizedLobeModel { words.append("{layernorm: {epsilon: 5e-5, affine: shared}}") }
    let first = Array(repeating: "\(model.bias)", count: model.nodes).joined(separator: ", ")
    let bias = model.bias != 0 ? "[\(first)]" : "false"
    var settings = "units: \(model.nodes), init: \(initializer.name), bias: \(bias)"
    if let limits {
      settings += ", constraint: {within: [\(limits.lowerBound), \(limits.upperBound)]}"
    }
    words.append("{dense: {\(settings)}}")
    if let activation = model.activation.layer {
      words.append(activation.contains(":") ? "{\(activation)}" : activation)
    }
    return words
  }

  var rule: Rule { Rule(optimizer: optimizer, learningRate: learningRate) }
}
