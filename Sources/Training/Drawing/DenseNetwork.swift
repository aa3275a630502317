internal import Datasets
internal import Diagnostics
internal import Execution
internal import Graphs
internal import Networks

/// A plain list of dense layers and activations, with its weights.
struct DenseNetwork: Sendable {
  /// Layers that share the nodes of a dense one; the first of all are those of the inputs.
  struct Group: Sendable {
    /// Nil before the first dense layer.
    let dense: LayerSummary?
    let layers: [LayerSummary]
  }

  let network: Network
  let groups: [Group]
  private let configuration: RunConfiguration
  private let layout: TensorLayout
  private let weights: [Float]

  /// Nil for other networks; `fill` copies the parameters into a vector of the network's layout.
  init?(
    _ network: Network, of configuration: RunConfiguration,
    _ fill: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Void
  ) throws(Failure) {
    guard network.layers.isPlainList, network.outputs.count == 1,
      let groups = Self.groups(of: network)
    else { return nil }
    self.network = network
    self.groups = groups
    self.configuration = configuration
    layout = network.parameters.layout
    var weights = [Float](repeating: 0, count: layout.count)
    var failure: Failure?
    unsafe weights.withUnsafeMutableBufferPointer { values in
      do throws(Failure) { try unsafe fill(values) } catch { failure = error }
    }
    if let failure { throw failure }
    self.weights = weights
  }

  /// The groups of a list in which every layer has a vector, and only dense ones have parameters:
  /// weights and biases.
  private static func groups(of network: Network) -> [Group]? {
    var groups = [(dense: LayerSummary?.none, layers: [LayerSummary]())]
    var shape = network.sample
    for layer in network.layers {
      let names = network.parameters.map(\.name).filter { $0.hasPrefix("\(layer.name)/") }
      switch layer.kind {
      case "dense" where shape.rank == 1:
        let known = ["weight", "bias"].map { "\(layer.name)/\($0)" }
        guard names.allSatisfy(known.contains) else { return nil }
        groups.append((layer, [layer]))
      case "flatten" where groups.count == 1, "dropout":
        groups[groups.count - 1].layers.append(layer)
      case _ where Activation.names.contains(layer.kind):
        groups[groups.count - 1].layers.append(layer)
      default: return nil
      }
      shape = layer.output
    }
    guard shape.rank == 1, groups.count > 1 else { return nil }
    return groups.map { Group(dense: $0, layers: $1) }
  }

  /// A row of weights for each node of a dense layer.
  func rows(of layer: LayerSummary) -> [[Float]] {
    guard let tensor = layout["\(layer.weightsOf ?? layer.name)/weight"] else { return [] }
    let values = weights[tensor.range]
    let width = tensor.count / max(1, layer.output.count)
    return (0..<layer.output.count).map { node in
      Array(values.dropFirst(node * width).prefix(width))
    }
  }

  /// What it makes of a sample.
  struct Outputs {
    /// The sample as the first layer sees it.
    let sample: [Float]
    let layers: [String: [Float]]
    /// Probabilities of classes, if it gives such.
    let answers: [Float]
  }

  func outputs(for sample: NetworkPicture.Sample) throws(Failure) -> Outputs {
    let input = SampleInput(sample.dataset.coding)
    let arena = try Arena(byteCount: 4 * layout.count)
    let start = unsafe arena.start.bindMemory(to: Float.self, capacity: layout.count)
    for (place, weight) in weights.enumerated() { unsafe start[place] = weight }
    let vector = unsafe ParameterVector(start: start, layout: layout)

    func run(_ program: Program, _ outputs: [(name: String, count: Int)]) throws(Failure)
      -> [String: [Float]]
    {
      let executable = try configuration.engine.prepare(
        program, parameters: vector, isa: configuration.isa)
      let session = try executable.makeSession(in: Arena(byteCount: executable.arenaByteCount))
      executable.packWeights()
      if let place = unsafe session.input("samples") {
        try unsafe sample.dataset.copy(
          samples: [Int32(sample.index)],
          into: UnsafeMutableRawBufferPointer(
            start: place, count: sample.dataset.coding.sampleBytes))
      }
      unsafe session.run(RandomPosition(seed: 0, step: 0, firstSample: 0), gradient: nil)
      var values: [String: [Float]] = [:]
      for (name, count) in outputs {
        let start = unsafe session.output(name).assumingMemoryBound(to: Float.self)
        values[name] = unsafe Array(UnsafeBufferPointer(start: start, count: count))
      }
      return values
    }

    let layers = try run(
      network.forwardProgram(samples: 1, ofAllLayers: true, input: input),
      network.layers.map { ("layer/\($0.name)", $0.output.count) })
    let width = network.targets.outputs.count
    let answers =
      try network.givesProbabilities
      ? run(network.answeringProgram(samples: 1, input: input), [("answers", width)]) : [:]
    let field = sample.dataset.fields.first { $0.role == .samples }
    let numbers: [Float] =
      try field.map { field throws(Failure) in
        try sample.dataset.numbers(of: field, [Int32(sample.index)], { Float($0) }, { $0 })
      } ?? []
    return Outputs(
      sample: numbers.map {
        Float((Double($0) * input.scale - input.mean) / input.deviation)
      },
      layers: Dictionary(
        uniqueKeysWithValues: network.layers.map { ($0.name, layers["layer/\($0.name)"] ?? []) }),
      answers: answers["answers"] ?? [])
  }
}
