internal import Configuration
internal import Diagnostics
package import Graphs

/// One pass through the layers of a network, or of several one after the other, while it is being
/// written into a graph.
package struct ForwardPass {
  var builder: Builder
  /// Whether to write what is active in training only, such as dropout.
  let isTraining: Bool
  /// Whether the output for a sample must depend on that sample alone.
  var takesSamplesApart = false
  /// Trained parameters, in the order in which the layers asked for them.
  var parameters: [Parameter] = []
  var frozen: [Parameter] = []
  var weights: [Value] = []
  var averages: [Average] = []
  /// How many parameters layers have asked for, averages apart.
  var asked = 0
  /// The parameters and averages so far.
  var known: [String: (value: Value, shape: Shape)] = [:]
  var elements = 0
  var trainedElements = 0
  /// The number of parameters and averages that were another layer's, or those of an earlier pass.
  var sharedUses = 0
  var steps: [Step] = []
  /// The layer that is being written.
  var layer: NamedNode?
  /// The network that it is part of; empty where there is only one.
  var network: String
  /// The networks that were gone through before.
  var finished: Set<String> = []
  var place: Place
  var streams = 0
  /// How many batches, one behind the other, the samples consist of.
  var batches = 1
  /// Which states go from one run of the program to the next.
  var carrying = Carrying.nothing
  /// Whether the layer that is being written takes sequences one step further.
  var isStep = false
  /// Those that do, and their values after the last step.
  var states: [CarriedState] = []
  var lastStates: [Output] = []
  /// What layers keep of every step, and of the last one.
  var keptSteps: [KeptSteps] = []
  var lastSteps: [Output] = []
  /// The attention of each layer: in a step, to kept steps; otherwise to all that it reads.
  var attention: [(path: String, attention: Composite.Attention, operands: [Value])] = []
  /// Whether a layer reads which step it takes.
  var readsPosition = false

  /// The layers that were written, by path.
  var written: [String: Written] = [:]
  /// The lists around the layer that is being written, with the layer's place in each.
  var lists: [(list: LayerList, index: Int, path: String)] = []
  /// The layers whose output something reads.
  var read: Set<String> = []
  /// The layers whose outputs a loss reads.
  let outputs: Set<String>
  /// The fields of the data that layers can read, and those that were read.
  let fields: [TargetType.NamedField]
  var fieldValues: [String: Value] = [:]
  /// The integers of the samples and of fields, where the data hold such: they may index a table.
  var indices: [String: Value] = [:]

  /// The samples, as layers see them.
  var samples: Value
  /// The number of tokens of which the samples consist, if they are texts, and of classes that are
  /// tokens.
  let tokens: Int?
  let targetTokens: Int?
  /// The number of rows of the smallest table that the samples or a field index.
  var indexLimits: [String: Int] = [:]
  /// The number of steps of the shortest sequences that each field gives the lengths of.
  var lengthLimits: [String: Int] = [:]
  /// What fine-tunes the network, and the names in its settings that it has found.
  var lora: LoRA?
  var adapted: Set<String> = []
  /// The failure of the first layer that could normalise features or samples and does not choose.
  var openNorm: Failure?

  /// Where a layer stands: its name after those of the network and the layers around it, and the
  /// same of the layer that owns its parameters.
  struct Place {
    var path: String
    var owner: String

    var isShared: Bool { path != owner }

    /// The place of something inside.
    func appending(_ name: String) -> Place { Place(path: path + name, owner: owner + name) }
  }

  /// A layer that was written.
  struct Written {
    /// Its name after those of the network and the layers around it.
    let path: String
    let node: NamedNode
    /// Where its parameters are.
    let owner: String
    /// Its first input.
    let input: Value
    let output: Value
  }

  /// A running average, and the values that it follows in training, in their order.
  struct Average {
    let parameter: Parameter
    let value: Value
    let momentum: Double
    /// How many layers use it.
    var uses = 1
    var followed: [(value: Value, factor: Double)] = []
  }

  /// A pass that begins with a network, whose name goes before those of its layers.
  init(
    through network: String = "", reading samples: Value, indices: Value? = nil,
    tokens: Int? = nil, targetTokens: Int? = nil, fields: [TargetType.NamedField] = [],
    outputs: Set<String> = [],
    in builder: Builder,
    isTraining: Bool
  ) {
    self.outputs = outputs
    self.builder = builder
    self.isTraining = isTraining
    self.samples = samples
    self.indices["samples"] = indices
    self.tokens = tokens
    self.targetTokens = targetTokens
    self.fields = fields
    self.network = network
    place = Place(path: network, owner: network)
  }

  /// Goes on with another network, or goes through one again with the same parameters.
  ///
  /// The samples may be several batches of equal size, one behind the other.
  mutating func enter(_ network: String, reading samples: Value, batches: Int = 1) {
    finished.insert(self.network)
    self.network = network
    self.samples = samples
    self.batches = batches
    move(to: Place(path: network, owner: network))
  }

  mutating func move(to place: Place) {
    self.place = place
    builder.author = place.path
  }

  /// Records that the layer could normalise features or samples, and its settings do not choose.
  mutating func leaveNormOpen(of shape: Shape) {
    guard openNorm == nil, let layer else { return }
    openNorm = layer.failure(
      Misfit(
        "\(shape.features) can be normalised in two ways, choose one: 'over: sample', as before, "
          + "or "
          + "'over: features', as PyTorch's LayerNorm does"), path: place.path)
  }

  /// The name of the field that is a value; "samples" for these.
  func field(of x: Value) -> String? {
    x == samples ? "samples" : fieldValues.first { $0.value == x }?.key
  }

  /// Records that the numbers of a field index a table of so many rows.
  mutating func takeIndices(of field: String, below count: Int) {
    indexLimits[field] = min(count, indexLimits[field] ?? count)
  }

  package func shape(of value: Value) -> Shape { builder.shape(of: value) }

  /// Writes the layers of a network, the first of which reads `x`.
  mutating func write(_ list: LayerList, reading x: Value) throws(Failure) -> Value {
    try list.checkNames(among: ["samples"] + fields.map(\.name))
    lists.append((list, 0, place.path))
    defer { lists.removeLast() }
    var x = x
    for (index, layer) in list.layers.enumerated() {
      lists[lists.count - 1].index = index
      x = try apply(layer, after: x)
    }
    try checkReaders(of: list)
    return x
  }

  /// Writes the layers inside a layer; `name` is appended to the layer's own.
  mutating func apply(
    _ list: LayerList, under name: String = "", to x: Value
  ) throws(Misfit) -> Value {
    let around = place
    move(to: around.appending(name))
    defer { move(to: around) }
    do throws(Failure) { return try write(list, reading: x) } catch { throw Misfit(error) }
  }

  /// Writes a layer, or throws with its place in the file what does not fit; `x` is the output of
  /// the layer before it.
  private mutating func apply(_ layer: NamedNode, after x: Value) throws(Failure) -> Value {
    let (outer, around) = (self.layer, place)
    let first = builder.instructions.count
    let (before, sharedBefore, frozenBefore) = (trainedElements, sharedUses, frozen.count)
    let inner = around.appending(around.path.isEmpty ? layer.name : "/\(layer.name)")
    do throws(Misfit) {
      let inputs = try inputs(of: layer, after: x)
      let isOuterStep = isStep
      defer { isStep = isOuterStep }
      isStep = takesStep(reading: inputs.map(\.value))
      try checkIsStepwise(layer, reading: inputs.map { shape(of: $0.value) })
      let owner = try layer.node.weightsOf.map { name throws(Misfit) in
        try self.written(name, at: Node.owner)
      }
      self.layer = layer
      move(to: owner.map { Place(path: inner.path, owner: $0.owner) } ?? inner)
      defer {
        self.layer = outer
        move(to: around)
      }
      let y = try shared(layer, of: owner).forward(inputs.map(\.value), in: &self)
      guard owner == nil || sharedUses > sharedBefore else {
        throw Misfit("has no weights to share: leave \(Node.owner) out", at: Node.owner)
      }
      try checkSize(of: shape(of: y))
      written[inner.path] = Written(
        path: inner.path, node: layer, owner: place.owner, input: inputs[0].value, output: y)
      if around.path == network, !finished.contains(network) {
        steps.append(
          Step(
            name: inner.path, kind: layer.node.kind, layer: layer.layer, inputs: inputs.map(\.name),
            weightsOf: owner?.path, output: y, instructions: first..<builder.instructions.count,
            parameters: trainedElements - before,
            frozen: Array(frozen[frozenBefore...]).elementCount))
      }
      return y
    } catch {
      throw layer.failure(error, path: inner.path)
    }
  }

  /// The layer to write: a layer of layers that shares weights and has none of its own is the
  /// owner's.
  private func shared(
    _ layer: NamedNode, of owner: Written?
  ) throws(Misfit) -> any Layer {
    guard let owner else { return layer.layer }
    guard layer.layer.freeze == nil else {
      throw Misfit("'\(owner.node.name)' owns the weights: freeze them there", at: "freeze")
    }
    guard layer.layer.isHollow else { return layer.layer }
    guard owner.node.node.kind == layer.node.kind else {
      throw Misfit(
        "has no layers of its own and '\(owner.node.name)' is a \(owner.node.node.kind): expected a"
          + " \(layer.node.kind)", at: Node.owner)
    }
    return owner.node.layer
  }

  /// A row for each layer.
  var summaries: [LayerSummary] {
    let program = Program(builder.instructions, outputs: [])
    return steps.map { step in
      LayerSummary(
        name: step.name, kind: step.kind, inputs: step.inputs, weightsOf: step.weightsOf,
        output: Shape(Array(shape(of: step.output).extents.dropFirst())),
        parameters: step.parameters, frozen: step.frozen,
        flops: step.instructions.reduce(0) { $0 + program.cost(of: Value($1)).flops },
        writtenOut: (step.layer as? Transformer)?.writtenOut(shape(of: step.output)))
    }
  }

  /// A layer of the table.
  struct Step {
    let name: String
    let kind: String
    let layer: any Layer
    let inputs: [String]
    let weightsOf: String?
    let output: Value
    let instructions: Range<Int>
    let parameters: Int
    let frozen: Int
  }
}

extension Layer {
  /// Whether it is a layer of layers without any.
  fileprivate var isHollow: Bool {
    (self as? Repeat)?.layers.isEmpty ?? (self as? Residual)?.layers.isEmpty ?? false
  }
}

/// A name after that of what is around it.
func joined(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path)/\(name)" }
