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
  private(set) var parameters: [Parameter] = []
  private(set) var frozen: [Parameter] = []
  private(set) var weights: [Value] = []
  private(set) var averages: [Average] = []
  /// How many parameters layers have asked for, averages apart.
  private var asked = 0
  /// The parameters and averages so far.
  private var known: [String: (value: Value, shape: Shape)] = [:]
  private var elements = 0
  private var trainedElements = 0
  private var steps: [Step] = []
  /// The layer that is being written.
  private var layer: NamedNode?
  /// The network that it is part of; empty where there is only one.
  private var network: String
  /// The networks that were gone through before.
  private var finished: Set<String> = []
  private var place: Place
  private var streams = 0
  /// How many batches, one behind the other, the samples consist of.
  private var batches = 1

  /// The layers that were written, by path.
  private(set) var written: [String: Written] = [:]
  /// The lists around the layer that is being written, with the layer's place in each.
  private var lists: [(list: LayerList, index: Int, path: String)] = []
  /// The layers whose output something reads.
  private var read: Set<String> = []
  /// The layers whose outputs a loss reads.
  private let outputs: Set<String>
  /// The fields of the data that layers can read, and those that were read.
  private let fields: [TargetType.NamedField]
  private var fieldValues: [String: Value] = [:]

  /// The samples, as layers see them.
  private(set) var samples: Value
  /// The integers that the samples are, where the data hold such: they may index a table.
  private(set) var indices: Value?
  /// The number of rows of the smallest table that the samples index.
  private(set) var indexLimit: Int?
  /// The failure of the first layer that could normalise features or samples and does not choose.
  private(set) var openNorm: Failure?

  /// Where a layer stands: its name after those of the network and the layers around it, and the
  /// same of the layer that owns its parameters.
  private struct Place {
    var path: String
    var owner: String

    var isShared: Bool { path != owner }

    /// The place of something inside.
    func appending(_ name: String) -> Place { Place(path: path + name, owner: owner + name) }
  }

  /// A layer that was written.
  struct Written {
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
    fields: [TargetType.NamedField] = [], outputs: Set<String> = [], in builder: Builder,
    isTraining: Bool
  ) {
    self.outputs = outputs
    self.builder = builder
    self.isTraining = isTraining
    self.samples = samples
    self.indices = indices
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

  private mutating func move(to place: Place) {
    self.place = place
    builder.author = place.path
  }

  /// Records that the layer could normalise features or samples, and its settings do not choose.
  mutating func leaveNormOpen(of shape: Shape) {
    guard openNorm == nil, let layer else { return }
    openNorm = layer.failure(
      Misfit(
        "\(shape.features) can be normalised in two ways, choose one: 'over: sample', as before, or "
          + "'over: features', as PyTorch's LayerNorm does"), path: place.path)
  }

  /// Records that the samples index a table of so many rows.
  mutating func takeIndices(below count: Int) { indexLimit = min(count, indexLimit ?? count) }

  package func shape(of value: Value) -> Shape { builder.shape(of: value) }

  // MARK: Parameters

  /// A parameter of the layer: `weight` of the layer `conv1` is `conv1/weight`.
  ///
  /// A layer that shares weights gets those of their owner, which must have the same shape.
  mutating func parameter(
    _ name: String, _ shape: Shape, _ distribution: Distribution, given: Numbers? = nil,
    constraint: WeightConstraint? = nil
  ) throws(Misfit) -> Value {
    if let value = try existing(name, shape, isSet: given != nil || constraint != nil) {
      return value
    }
    let isFrozen = freezes(name)
    // Freezing one parameter gives no other one new random numbers.
    let parameter = try add(
      Parameter(
        name: "\(place.path)/\(name)", shape: shape, role: isFrozen ? .frozen : .trained,
        distribution: try given.map { given throws(Misfit) in try .given(given, name, shape) }
          ?? distribution, constraint: isFrozen ? nil : constraint, number: asked))
    asked += 1
    let value = builder.parameter(parameter.name, shape)
    known[parameter.name] = (value, shape)
    guard !isFrozen else {
      frozen.append(parameter)
      return value
    }
    parameters.append(parameter)
    weights.append(value)
    trainedElements += parameter.count
    return value
  }

  /// A running average, for evaluation; in training the layer lets it `follow` a value, unless its
  /// settings freeze it.
  mutating func average(
    _ name: String, _ shape: Shape, _ distribution: Distribution, momentum: Double
  ) throws(Misfit) -> Value {
    if let value = try existing(name, shape) {
      if place.isShared, !finished.contains(network),
        let index = averages.firstIndex(where: { $0.value == value })
      {
        averages[index].uses += 1
      }
      return value
    }
    let isFrozen = freezes(name)
    let parameter = try add(
      Parameter(
        name: "\(place.path)/\(name)", shape: shape,
        role: isFrozen ? .frozen : .average(momentum: momentum), distribution: distribution,
        constraint: nil, number: averages.count))
    let value = builder.parameter(parameter.name, shape)
    known[parameter.name] = (value, shape)
    if isFrozen {
      frozen.append(parameter)
    } else {
      averages.append(Average(parameter: parameter, value: value, momentum: momentum))
    }
    return value
  }

  /// Whether the layer's settings keep a parameter or an average as it is.
  func freezes(_ name: String) -> Bool {
    place.isShared ? !isTrained(name) : layer?.layer.freeze?.holds(name) ?? false
  }

  /// Whether a parameter or average that another layer owns changes in training.
  private func isTrained(_ name: String) -> Bool {
    !frozen.contains { $0.name == "\(place.owner)/\(name)" }
  }

  /// Lets an average follow a value: every use of shared averages, in their order, but only the
  /// first pass through a network.
  ///
  /// It is multiplied behind all layers, so that nothing stands between a norm and what follows it.
  mutating func follow(_ average: Value, _ value: Value, times factor: Double = 1) {
    guard let index = averages.lastIndex(where: { $0.value == average }) else {
      preconditionFailure("\(average) is no average")
    }
    guard averages[index].followed.count < averages[index].uses else { return }
    averages[index].followed.append((value, factor))
  }

  /// The parameter that the layer shares, or has from an earlier pass through its network.
  private func existing(
    _ name: String, _ shape: Shape, isSet: Bool = false
  ) throws(Misfit) -> Value? {
    guard place.isShared || finished.contains(network) else { return nil }
    guard let (value, found) = known["\(place.owner)/\(name)"] else {
      throw Misfit("'\(place.owner)' has no \(name) to share", at: Node.owner)
    }
    guard found == shape else {
      throw Misfit(
        "needs \(name) of shape \(shape), that of '\(place.owner)' has \(found): expected an input"
          + " of the same channels", at: Node.owner)
    }
    guard !place.isShared || !isSet else {
      throw Misfit(
        "'\(place.owner)' owns the weights: set their first values and constraint there",
        at: Node.owner)
    }
    return value
  }

  private mutating func add(_ parameter: Parameter) throws(Misfit) -> Parameter {
    guard let count = elementCount(parameter.shape), elements + count <= elementLimit else {
      throw Misfit(
        "\(parameter.lastName) of shape \(parameter.shape) brings the model beyond "
          + "\(elementLimit.grouped) parameters")
    }
    guard parameter.number <= UInt16.max else {
      throw Misfit(
        "\(parameter.lastName) is one tensor of parameters more than the "
          + "\(parameter.number.grouped) allowed")
    }
    elements += count
    return parameter
  }

  /// Uniform numbers in [0, 1), from a stream of their own for each batch.
  ///
  /// A stream is numbered by the samples of one batch: those of a second one behind it would get
  /// the numbers of the next shard.
  mutating func random(_ shape: Shape) throws(Misfit) -> Value {
    let part = shape.replacing([0], with: shape[0] / batches)
    var parts: [Value] = []
    for _ in 0..<batches {
      guard streams <= UInt16.max else {
        throw Misfit("is one source of random numbers more than the \(streams.grouped) allowed")
      }
      parts.append(builder.random(stream: streams, part))
      streams += 1
    }
    return batches == 1 ? parts[0] : builder.emit(.concatenate(axis: 0), parts)
  }

  /// Adds a learned bias along the last axis, if the layer has one.
  mutating func add(_ bias: Bias, to x: Value) throws(Misfit) -> Value {
    var given: Numbers?
    switch bias {
    case .none: return x
    case .zeros: break
    case .given(let numbers): given = numbers
    }
    let shape = shape(of: x)
    let vector = try parameter("bias", [shape[shape.rank - 1]], .zeros, given: given)
    return builder.add(x, builder.spread(vector, over: shape))
  }

  /// Refuses an output beyond the limit.
  func checkSize(of shape: Shape) throws(Misfit) {
    guard elementCount(shape) != nil else {
      throw Misfit(
        "its output for a batch of \(shape[0].grouped), each \(shape.features), "
          + "has more than \(elementLimit.grouped) elements")
    }
  }

  // MARK: Layers

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

  /// Writes a layer, or throws with its place in the file what does not fit; `x` is the output of the
  /// layer before it.
  private mutating func apply(_ layer: NamedNode, after x: Value) throws(Failure) -> Value {
    let (outer, around) = (self.layer, place)
    let first = builder.instructions.count
    let before = trainedElements
    let inner = around.appending(around.path.isEmpty ? layer.name : "/\(layer.name)")
    do throws(Misfit) {
      let inputs = try inputs(of: layer, after: x)
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
      try checkSize(of: shape(of: y))
      written[inner.path] = Written(
        node: layer, owner: place.owner, input: inputs[0].value, output: y)
      if around.path == network, !finished.contains(network) {
        steps.append(
          Step(
            name: inner.path, kind: layer.node.kind, inputs: inputs.map(\.name), output: y,
            instructions: first..<builder.instructions.count,
            parameters: trainedElements - before))
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

  // MARK: Inputs

  /// The values that a layer reads, with the names of where they come from.
  private mutating func inputs(
    of layer: NamedNode, after x: Value
  ) throws(Misfit) -> [(name: String, value: Value)] {
    guard let names = layer.node.input else {
      guard let (list, index, path) = lists.last, index > 0 else { return [("", x)] }
      let name = list.layers[index - 1].name
      read.insert(joined(path, name))
      return [(name, x)]
    }
    return try names.map { name throws(Misfit) in (name, try input(name)) }
  }

  /// The output of an earlier layer, or a field of the data.
  private mutating func input(_ name: String) throws(Misfit) -> Value {
    if name == "samples" { return samples }
    if let field = fields.first(where: { $0.name == name }) {
      if let value = fieldValues[name] { return value }
      let shape = Shape([builder.shape(of: samples)[0]] + field.shape.extents)
      let value = builder.emit(
        .convert(.float32), builder.input(field.name, TensorType(field.number, shape)))
      fieldValues[name] = value
      return value
    }
    let found = try written(name, at: "input")
    return found.output
  }

  /// The earlier layer of a name, which is looked for in the list of the layer itself and then in the
  /// lists around it.
  private mutating func written(_ name: String, at key: String) throws(Misfit) -> Written {
    for (list, index, path) in lists.reversed() {
      if let found = written[joined(path, name)] {
        read.insert(joined(path, name))
        return found
      }
      if let later = list.layers[index...].firstIndex(where: { $0.name == name }) {
        throw Misfit(list.complaint(that: index, reads: later), at: key)
      }
    }
    let known = lists.flatMap { $0.list.layers.prefix($0.index).map(\.name) }
    let hint = Suggestion.hint(for: name, among: known + ["samples"] + fields.map(\.name))
    throw Misfit("there is no layer or field '\(name)'\(hint)", at: key)
  }

  /// Refuses a layer whose output nobody reads.
  private func checkReaders(of list: LayerList) throws(Failure) {
    for layer in list.layers.dropLast() {
      let path = joined(place.path, layer.name)
      guard read.contains(path) || outputs.contains(path) else {
        throw layer.failure(
          Misfit(
            "nobody reads its output: name it as the input of a layer or in outputs, or leave it"
              + " out"), path: path)
      }
    }
  }

  /// A row for each layer.
  var summaries: [LayerSummary] {
    let program = Program(builder.instructions, outputs: [])
    return steps.map { step in
      LayerSummary(
        name: step.name, kind: step.kind, inputs: step.inputs,
        output: Shape(Array(shape(of: step.output).extents.dropFirst())),
        parameters: step.parameters,
        flops: step.instructions.reduce(0) { $0 + program.cost(of: Value($1)).flops })
    }
  }

  /// A layer of the table.
  private struct Step {
    let name: String
    let kind: String
    let inputs: [String]
    let output: Value
    let instructions: Range<Int>
    let parameters: Int
  }
}

extension LayerList {
  /// What is wrong where a layer reads one that is not written yet.
  fileprivate func complaint(that reader: Int, reads later: Int) -> String {
    let name = layers[later].name
    if later == reader { return "reads itself, a cycle: name an earlier layer" }
    guard depends(later, on: reader) else {
        let place = layers[later].node.placeOfName.map { ", at \($0)" } ?? ""
      return "'\(name)' comes later\(place): a layer reads what stands before it"
    }
    return "'\(name)' itself depends on '\(layers[reader].name)', a cycle: name an earlier layer"
  }

  /// Whether a layer reads another one, directly or through others.
  private func depends(_ reader: Int, on other: Int) -> Bool {
    let inputs =
      layers[reader].node.input.map { names in
        layers.indices.filter { $0 < reader && names.contains(layers[$0].name) }
      } ?? [reader - 1]
    return inputs.contains { $0 == other || $0 > other && depends($0, on: other) }
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
