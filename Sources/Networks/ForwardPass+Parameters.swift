internal import Configuration
internal import Diagnostics
internal import Graphs

/// The parameters of layers.
extension ForwardPass {
  /// A parameter of the layer: `weight` of the layer `conv1` is `conv1/weight`.
  ///
  /// A layer that shares weights gets those of their owner, which must have the same shape.
  mutating func parameter(
    _ name: String, _ shape: Shape, _ distribution: Distribution, given: Numbers? = nil,
    constraint: WeightConstraint? = nil, decays: Bool = true
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
          ?? distribution, constraint: isFrozen ? nil : constraint,
        decays: decays && shape.rank > 1, number: asked))
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

  /// Whether LoRA or the layer's settings keep a parameter or an average as it is.
  func freezes(_ name: String) -> Bool {
    if place.isShared { return !isTrained(name) }
    return lora == nil ? layer?.layer.freeze?.holds(name) ?? false : !LoRA.isAdapter(name)
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
  private mutating func existing(
    _ name: String, _ shape: Shape, isSet: Bool = false
  ) throws(Misfit) -> Value? {
    guard place.isShared || finished.contains(network) else { return nil }
    sharedUses += 1
    guard let (value, found) = known["\(place.owner)/\(name)"] else {
      throw Misfit(
        "'\(place.owner)' has no \(name) to share: name a layer that has", at: Node.owner)
    }
    guard found == shape else {
      throw Misfit(
        "needs \(name) of shape \(shape), '\(place.owner)' has \(found): give both the same "
          + "settings"
          + " and inputs of as many channels", at: Node.owner)
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
    for _ in 0..<batches { parts.append(builder.random(stream: try stream(), part)) }
    return batches == 1 ? parts[0] : builder.emit(.concatenate(axis: 0), parts)
  }

  /// The number of a new stream of random numbers.
  mutating func stream() throws(Misfit) -> Int {
    guard streams <= UInt16.max else {
      throw Misfit("is one source of random numbers more than the \(streams.grouped) allowed")
    }
    defer { streams += 1 }
    return streams
  }

  /// Adds a learned bias along the last axis, if the layer has one.
  mutating func add(
    _ bias: Bias, under name: String = "", to x: Value
  ) throws(Misfit) -> Value {
    var given: Numbers?
    switch bias {
    case .none: return x
    case .zeros: break
    case .given(let numbers): given = numbers
    }
    let shape = shape(of: x)
    let vector = try parameter(joined(name, "bias"), [shape[shape.rank - 1]], .zeros, given: given)
    return builder.add(x, builder.broadcast(vector, over: shape))
  }

  /// Refuses an output beyond the limit.
  func checkSize(of shape: Shape) throws(Misfit) {
    guard elementCount(shape) != nil else {
      throw Misfit(
        "its output for a batch of \(shape[0].grouped), each \(shape.features), "
          + "has more than \(elementLimit.grouped) elements")
    }
  }
}
