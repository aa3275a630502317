internal import Diagnostics
internal import Graphs

extension ForwardPass {
  /// Whether the states of a layer go from one run of the program to the next.
  func carriesStates(_ recurrence: Recurrence) throws(Misfit) -> Bool {
    guard isStep || recurrence.carry else { return false }
    guard network.isEmpty else {
      throw Misfit("is for runs that train one network: leave it out here", at: "carry")
    }
    guard !isStep || recurrence.direction == .forward else {
      throw Misfit("cannot go step by step: that takes direction: forward", at: "direction")
    }
    return isStep || carrying == .batches
  }

  /// The state of a layer that the last run left: `first` for samples that begin.
  mutating func state(_ name: String, beginning first: Value) -> Value {
    let type = builder.type(of: first)
    let count = type.shape[0]
    let begins = builder.input(CarriedState.begins, TensorType(.uint8, [count]))
    let before = builder.input("\(place.path)/\(name)", type)
    return builder.emit(
      .select, builder.broadcast(builder.reshape(begins, [count, 1]), type.shape), first, before)
  }

  /// Leaves a state of a layer for the next run.
  mutating func leave(_ name: String, _ state: Value) {
    let path = "\(place.path)/\(name)"
    states.append(CarriedState(name: path, size: shape(of: state)[1]))
    lastStates.append(Output(path, state))
  }

  /// The number of steps before the one that is written, of each sequence: int32 `[n]`.
  mutating func position() -> Value {
    readsPosition = true
    return builder.input(
      KeptSteps.position, TensorType(.int32, [builder.shape(of: samples)[0]]))
  }

  /// The number of steps of the sequences of which the layer that is written takes one, or the
  /// first ones; nil where it takes all.
  var context: Int? {
    switch carrying {
    case .steps(_, let count): isStep ? count : nil
    case .beginning(let count): count
    case .nothing, .batches: nil
    }
  }

  /// Keeps the keys or values `[n, steps, groups, size]` of steps for later ones.
  mutating func keep(_ name: String, _ steps: Value, context: Int) {
    let path = "\(place.path)/\(name)"
    let shape = shape(of: steps)
    keptSteps.append(KeptSteps(name: path, context: context, size: shape[2] * shape[3]))
    lastSteps.append(Output(path, steps))
  }

  /// What was kept of the steps before one, in the shape of that with the context for its steps.
  mutating func kept(_ name: String, like step: Value, context: Int) -> Value {
    builder.parameter("\(place.path)/\(name)", shape(of: step).replacing([1], with: context))
  }

  /// Writes the weights that layers of attention give to kept steps, in the order of the layers.
  mutating func attentionWeights() -> [Output] {
    var outputs: [Output] = []
    for (path, attention, operands) in attention {
      outputs.append(
        Output("\(path).attention", attention.weights(operands, in: &builder).weights))
    }
    return outputs
  }

  /// Whether a layer that reads these values takes one step of the field whose steps are taken.
  func takesStep(reading inputs: [Value]) -> Bool {
    guard case .steps(let field, _) = carrying else { return false }
    return inputs.contains { builder.depends($0, onInput: field) }
  }

  /// Refuses a layer that computes a step from more than that step and the states before it.
  func checkIsStepwise(_ layer: NamedNode, reading shapes: [Shape]) throws(Misfit) {
    guard isStep else { return }
    let isNorm = (layer.layer as? LayerNorm).map { $0.over != .features && shapes[0].rank > 2 }
    guard ForwardPass.stepwiseKinds.contains(layer.node.kind), isNorm != true else {
      throw Misfit("reads several steps at once: a network with it cannot go step by step")
    }
  }

  /// The kinds of layers that work on each step alone, or take their state from step to step.
  private static let stepwiseKinds: Set = [
    "dense", "embedding", "rnn", "lstm", "gru", "mgu", "mamba", "batchnorm", "layernorm", "rmsnorm",
    "dropout", "scale", "positions", "attention", "transformer", "swiglu", "residual", "add",
    "multiply", "concat", "repeat", "relu", "leaky_relu",
    "prelu", "elu", "selu", "gelu", "swish", "mish", "softplus", "sigmoid", "tanh", "softmax",
  ]
}
