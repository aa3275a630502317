package import Charts
package import Checkpoints
package import Datasets
package import Diagnostics
internal import Files
internal import Graphs
package import ModelFiles
internal import Networks

/// A network to draw: boxes for its layers, or the nodes of a plain list of dense layers.
package struct NetworkPicture: Sendable {
  /// A sample whose activations nodes show.
  package struct Sample: Sendable {
    package let dataset: Dataset
    package let index: Int
    /// The name of the set: `validation`.
    package let set: String

    package init(_ index: Int, of dataset: Dataset, _ set: String) {
      self.index = index
      self.dataset = dataset
      self.set = set
    }
  }

  private let name: String
  private let networks: [NamedNetwork]
  private let dense: DenseNetwork?
  /// The weights that are drawn: `conv, after step 30`.
  private let caption: String

  /// Whether it can be drawn as nodes, with weights and activations.
  package var hasNodes: Bool { dense != nil }

  /// The networks of a configuration before the first step.
  package init(_ compiled: CompiledExperiment) throws(Failure) {
    let configuration = compiled.configuration
    name = configuration.name
    networks = NamedNetwork.all(compiled.layers, isAdversarial: configuration.isAdversarial)
    caption = "\(name), before training"
    guard !configuration.isAdversarial else {
      dense = nil
      return
    }
    let network = compiled.network
    dense = try unsafe DenseNetwork(network, of: configuration) { values throws(Failure) in
      for (parameter, tensor) in zip(network.parameters, network.parameters.layout.tensors) {
        unsafe parameter.initialise(
          UnsafeMutableBufferPointer(rebasing: values[tensor.range]), seed: configuration.seed)
      }
    }
  }

  /// The networks of a checkpoint; the best or newest one of a run.
  package init(_ checkpoint: borrowing Checkpoint) throws(Failure) {
    let path = checkpoint.path
    let configuration = try RunConfiguration(saved: checkpoint.configuration, of: path)
    let coding = try SampleCoding(text: checkpoint.coding, source: "\(path) /coding")
    name = configuration.name
    networks = NamedNetwork.all(
      try configuration.layers(of: coding), isAdversarial: configuration.isAdversarial)
    caption = "\(name), after step \(checkpoint.step)"
    guard !configuration.isAdversarial else {
      dense = nil
      return
    }
    let network = try Network(
      configuration.settings, sample: Shape(coding.shape), targets: TargetType(coding),
      fields: [TargetType.NamedField](coding))
    dense = try unsafe DenseNetwork(network, of: configuration) { values throws(Failure) in
      try unsafe checkpoint.read(.weights, as: network.parameters.layout, into: values)
    }
  }

  /// The network of a model file.
  package init(_ model: StoredModel, of path: String) throws(Failure) {
    let coding = try model.coding(of: path)
    guard case .vector(let width) = model.output else {
      throw Failure(
        .badData,
        "'\(path)' answers with maps of \(model.output): only networks that answer with "
          + "numbers can be drawn")
    }
    let stored = try StoredNetwork(
      model, of: path, samples: coding?.shape ?? model.sample.extents,
      targets: coding.flatMap { TargetType($0) } ?? .values(width))
    name = baseName(path)
    networks = NamedNetwork.all(stored.network.layers, isAdversarial: false)
    caption = name
    dense = try unsafe DenseNetwork(stored.network, of: stored.configuration) {
      values throws(Failure) in try unsafe stored.copy(into: values)
    }
  }

  /// Boxes for the layers.
  package func boxes(_ theme: Theme = .paper) -> String {
    NamedNetwork.svg(networks, title: name, theme: theme)
  }

  /// The nodes, with what they make of a sample; boxes where there are none.
  package func nodes(_ sample: Sample?) throws(Failure) -> String {
    guard let dense else { return boxes() }
    let source = sample.map { ", \($0.set) sample \($0.index)" } ?? ""
    return NodeDiagram(try dense.layers(sample), caption: caption + source).svg()
  }
}

/// The layers of a network, which has a name in an adversarial run.
struct NamedNetwork: Sendable {
  let name: String
  let layers: [LayerSummary]

  /// The networks that layers belong to.
  static func all(_ layers: [LayerSummary], isAdversarial: Bool) -> [NamedNetwork] {
    guard isAdversarial else { return [NamedNetwork(name: "", layers: layers)] }
    return [Adversaries.Name.generator, Adversaries.Name.critic].map { name in
      NamedNetwork(name: name, layers: layers.filter { $0.name.hasPrefix("\(name)/") })
    }
  }

  /// Their layers as boxes.
  static func svg(_ networks: [NamedNetwork], title: String, theme: Theme = .paper) -> String {
    let diagrams = networks.enumerated().map { place, network in
      LayerDiagram(
        network.layers, title: network.name,
        samples: network.name.isEmpty || place > 0 ? "samples" : "noise")
    }
    return LayerDiagram.svg(diagrams, title: title, theme: theme)
  }
}
