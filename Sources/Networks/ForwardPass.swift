internal import Diagnostics
internal import Graphs

/// One pass through the layers, while it is being written into a graph.
struct ForwardPass {
  var builder = Builder()
  /// Whether what is active in training only, such as dropout, is to be written.
  let isTraining: Bool
  /// What the layers so far learn, in the order in which they asked for it.
  private(set) var parameters: [Parameter] = []
  private(set) var weights: [Value] = []
  private(set) var parameterCount = 0
  private var steps: [Step] = []
  /// The layer that is being written.
  private var layer: NamedLayer?
  private var streams = 0

  init(isTraining: Bool) { self.isTraining = isTraining }

  func shape(of value: Value) -> Shape { builder.shape(of: value) }

  /// A parameter of the layer: `weight` of the layer `conv1` is `conv1/weight`. Its settings may
  /// give the first values themselves.
  mutating func parameter(
    _ name: String, _ shape: Shape, _ distribution: Distribution
  ) throws(Misfit) -> Value {
    guard let count = elementCount(shape), parameterCount + count <= elementLimit else {
      throw Misfit(
        "\(name) of shape \(shape) brings the model beyond \(elementLimit.grouped) parameters")
    }
    parameterCount += count
    let parameter = Parameter(
      name: "\(layer?.name ?? "")/\(name)", shape: shape,
      distribution: try layer?.settings.given(name, shape) ?? distribution,
      isFrozen: layer?.settings.freezes(name) ?? false, number: parameters.count)
    let value = builder.parameter(parameter.name, shape)
    parameters.append(parameter)
    weights.append(value)
    return value
  }

  /// Writes the gradients of all parameters; for those that are frozen, zeros.
  mutating func gradients(of losses: Value, seed: Value) -> [Value] {
    let trained = parameters.indices.filter { !parameters[$0].isFrozen }
    var all = parameters.map { builder.constant(0, $0.shape) }
    let gradients = builder.gradients(of: losses, seed: seed, by: trained.map { weights[$0] })
    for (index, gradient) in zip(trained, gradients) { all[index] = gradient }
    return all
  }

  /// Uniform numbers in [0, 1), from a stream of their own.
  mutating func random(_ shape: Shape) -> Value {
    defer { streams += 1 }
    return builder.random(stream: streams, shape)
  }

  /// Adds a learned bias along the last axis.
  mutating func addBias(to x: Value) throws(Misfit) -> Value {
    let shape = shape(of: x)
    let bias = try parameter("bias", [shape[shape.rank - 1]], .zeros)
    return builder.add(x, builder.spread(bias, over: shape))
  }

  /// The extents of a map; refuses a vector.
  func map(_ x: Value) throws(Misfit) -> (height: Int, width: Int, channels: Int) {
    let shape = shape(of: x)
    guard shape.rank == 4 else {
      throw Misfit("needs a map (h x w x c), found \(shape.features)")
    }
    return (shape[1], shape[2], shape[3])
  }

  /// The length of a vector; refuses a map.
  func vector(_ x: Value) throws(Misfit) -> Int {
    let shape = shape(of: x)
    guard shape.rank == 2 else {
      throw Misfit("needs a vector, found \(shape.features): put a flatten layer before it")
    }
    return shape[1]
  }

  /// Writes a layer, or says where in the file it does not fit.
  mutating func apply(_ layer: NamedLayer, to x: Value) throws(Failure) -> Value {
    self.layer = layer
    builder.author = layer.name
    do throws(Misfit) {
      let y = try layer.layer.forward(x, in: &self)
      let shape = shape(of: y)
      guard elementCount(shape) != nil else {
        throw Misfit(
          "its output for a batch of \(shape[0].grouped), each \(shape.features), "
            + "has more than \(elementLimit.grouped) elements")
      }
      steps.append(
        Step(
          layer: layer, output: y, instructions: builder.instructions.count,
          parameters: parameterCount))
      return y
    } catch {
      throw layer.failure(error)
    }
  }

  /// A row for each layer.
  var summaries: [LayerSummary] {
    let program = Program(builder.instructions, outputs: [])
    var before = (instructions: 0, parameters: 0)
    return steps.map { step in
      let flops = (before.instructions..<step.instructions)
        .reduce(0) { $0 + program.cost(of: Value($1)).flops }
      defer { before = (step.instructions, step.parameters) }
      return LayerSummary(
        name: step.layer.name, kind: step.layer.kind,
        output: Shape(Array(shape(of: step.output).extents.dropFirst())),
        parameters: step.parameters - before.parameters, flops: flops)
    }
  }

  /// A layer that was written, and how much there was behind it.
  private struct Step {
    let layer: NamedLayer
    let output: Value
    let instructions: Int
    let parameters: Int
  }
}
