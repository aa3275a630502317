internal import Diagnostics
internal import Graphs

/// One pass through the layers of a network, or of several one after the other, while it is being
/// written into a graph.
struct ForwardPass {
  var builder: Builder
  /// Whether what is active in training only, such as dropout, is to be written.
  let isTraining: Bool
  /// Whether what a layer makes of a sample must depend on that sample alone.
  var takesSamplesApart = false
  /// What the layers so far learn, in the order in which they asked for it.
  private(set) var parameters: [Parameter] = []
  /// What they hold and do not learn.
  private(set) var frozen: [Parameter] = []
  private(set) var weights: [Value] = []
  /// Running averages, and in training what each follows.
  private(set) var averages:
    [(parameter: Parameter, value: Value, followed: Value, factor: Double)] = []
  /// How many parameters layers have asked for, averages apart.
  private var asked = 0
  /// The parameters and averages so far.
  private var known: [String: Value] = [:]
  private var elements = 0
  private var trainedElements = 0
  private var steps: [Step] = []
  /// The layer that is being written.
  private var layer: NamedLayer?
  /// The network that it is part of; empty where there is only one.
  private var network: String
  /// The networks that were gone through before.
  private var finished: Set<String> = []
  /// Its name, after those of the network and the layers around it.
  private var path = "" {
    didSet { builder.author = path }
  }
  private var streams = 0
  /// How many batches, one behind the other, the samples consist of.
  private var batches = 1

  /// The samples, as layers see them.
  private(set) var samples: Value
  /// The whole numbers that they are, where the data hold such: they may name rows of a table.
  private(set) var indices: Value?
  /// What the samples' numbers must be below, where they name rows of a table.
  private(set) var indexLimit: Int?

  /// What to say of the first layer that could normalise features or samples and does not choose.
  private(set) var openNorm: Failure?

  /// A pass that begins with a network, whose name goes before those of its layers.
  init(
    through network: String = "", reading samples: Value, indices: Value? = nil,
    in builder: Builder,
    isTraining: Bool
  ) {
    self.builder = builder
    self.isTraining = isTraining
    self.samples = samples
    self.indices = indices
    self.network = network
    path = network
  }

  /// Goes on with another network, or goes through one again: its parameters are what they were.
  ///
  /// The samples may be several batches of equal size, one behind the other.
  mutating func enter(_ network: String, reading samples: Value, batches: Int = 1) {
    finished.insert(self.network)
    self.network = network
    self.samples = samples
    self.batches = batches
    path = network
  }

  /// Says that the layer could normalise features or samples, and its settings do not choose.
  mutating func leaveNormOpen(of shape: Shape) {
    guard openNorm == nil, let layer else { return }
    openNorm = layer.failure(
      Misfit(
        "\(shape.features) can be normalised in two ways, choose one: 'over: sample', as before, or "
          + "'over: features', as PyTorch's LayerNorm does"), path: path)
  }

  /// Says that the samples' numbers name rows of a table of so many.
  mutating func takeIndices(below count: Int) { indexLimit = min(count, indexLimit ?? count) }

  func shape(of value: Value) -> Shape { builder.shape(of: value) }

  /// A parameter of the layer: `weight` of the layer `conv1` is `conv1/weight`.
  ///
  /// The layer's settings may give the first values, and may freeze it.
  mutating func parameter(
    _ name: String, _ shape: Shape, _ distribution: Distribution
  ) throws(Misfit) -> Value {
    if let value = repeated(name) { return value }
    let isFrozen = freezes(name)
    // Freezing one parameter gives no other one new random numbers.
    let (parameter, value) = try add(
      name, shape, isFrozen ? .frozen : .trained, distribution, asked)
    asked += 1
    guard !isFrozen else {
      frozen.append(parameter)
      return value
    }
    parameters.append(parameter)
    weights.append(value)
    trainedElements += parameter.count
    return value
  }

  /// A running average, for evaluation; in training it must be told what to `follow`, unless the
  /// layer's settings freeze it.
  mutating func average(
    _ name: String, _ shape: Shape, _ distribution: Distribution, momentum: Double
  ) throws(Misfit) -> Value {
    if let value = repeated(name) { return value }
    let isFrozen = freezes(name)
    let role: Parameter.Role = isFrozen ? .frozen : .average(momentum: momentum)
    let (parameter, value) = try add(name, shape, role, distribution, averages.count)
    if isFrozen { frozen.append(parameter) } else { averages.append((parameter, value, value, 1)) }
    return value
  }

  /// Whether the layer's settings keep a parameter or an average as it is.
  func freezes(_ name: String) -> Bool { layer?.settings.freezes(name) ?? false }

  /// Says what an average is the average of: the first time it is told, if that is repeated.
  ///
  /// It is multiplied behind all layers, so that nothing stands between a norm and what follows it.
  mutating func follow(_ average: Value, _ value: Value, times factor: Double = 1) {
    guard let place = averages.lastIndex(where: { $0.value == average }) else {
      preconditionFailure("\(average) is no average")
    }
    if averages[place].followed == average {
      (averages[place].followed, averages[place].factor) = (value, factor)
    }
  }

  /// What a layer that is gone through again asked for the first time.
  private func repeated(_ name: String) -> Value? {
    finished.contains(network) ? known["\(path)/\(name)"] : nil
  }

  private mutating func add(
    _ name: String, _ shape: Shape, _ role: Parameter.Role, _ distribution: Distribution,
    _ number: Int
  ) throws(Misfit) -> (Parameter, Value) {
    guard let count = elementCount(shape), elements + count <= elementLimit else {
      throw Misfit(
        "\(name) of shape \(shape) brings the model beyond \(elementLimit.grouped) parameters")
    }
    guard number <= UInt16.max else {
      throw Misfit("\(name) is one tensor of parameters more than the \(number.grouped) allowed")
    }
    elements += count
    let parameter = Parameter(
      name: "\(path)/\(name)", shape: shape, role: role,
      distribution: try layer?.settings.given(name, shape) ?? distribution,
      constraint: role == .trained ? layer?.settings.constraint(on: name) : nil, number: number)
    let value = builder.parameter(parameter.name, shape)
    known[parameter.name] = value
    return (parameter, value)
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

  /// Adds a learned bias along the last axis.
  mutating func addBias(to x: Value) throws(Misfit) -> Value {
    let shape = shape(of: x)
    let bias = try parameter("bias", [shape[shape.rank - 1]], .zeros)
    return builder.add(x, builder.broadcast(bias, over: shape))
  }

  /// Refuses an output beyond the limit.
  func checkSize(of shape: Shape) throws(Misfit) {
    guard elementCount(shape) != nil else {
      throw Misfit(
        "its output for a batch of \(shape[0].grouped), each \(shape.features), "
          + "has more than \(elementLimit.grouped) elements")
    }
  }

  /// Writes a layer, or says where in the file it does not fit.
  mutating func apply(_ layer: NamedLayer, to x: Value) throws(Failure) -> Value {
    let (outer, around) = (self.layer, path)
    let first = builder.instructions.count
    let before = trainedElements
    self.layer = layer
    path = around.isEmpty ? layer.name : "\(around)/\(layer.name)"
    defer {
      self.layer = outer
      path = around
    }
    do throws(Misfit) {
      let y = try layer.layer.forward(x, in: &self)
      try checkSize(of: shape(of: y))
      if around == network, !finished.contains(network) {
        steps.append(
          Step(
            name: path, kind: layer.kind, output: y,
            instructions: first..<builder.instructions.count,
            parameters: trainedElements - before))
      }
      return y
    } catch {
      throw layer.failure(error, path: path)
    }
  }

  /// Writes the layers inside a layer, whose names begin with its own.
  mutating func apply(
    _ list: LayerList, under name: String? = nil, to x: Value
  ) throws(Misfit) -> Value {
    let around = path
    if let name { path = "\(around)/\(name)" }
    defer { path = around }
    var x = x
    do throws(Failure) {
      for layer in list.layers { x = try apply(layer, to: x) }
    } catch {
      throw Misfit(error)
    }
    return x
  }

  /// A row for each layer.
  var summaries: [LayerSummary] {
    let program = Program(builder.instructions, outputs: [])
    return steps.map { step in
      LayerSummary(
        name: step.name, kind: step.kind,
        output: Shape(Array(shape(of: step.output).extents.dropFirst())),
        parameters: step.parameters,
        flops: step.instructions.reduce(0) { $0 + program.cost(of: Value($1)).flops })
    }
  }

  /// A layer that was written.
  private struct Step {
    let name: String
    let kind: LayerKind
    let output: Value
    let instructions: Range<Int>
    let parameters: Int
  }
}
