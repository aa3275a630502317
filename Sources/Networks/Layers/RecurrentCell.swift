package import Configuration
package import Graphs

/// A recurrent layer: one formula that takes a state from step to step of a sequence.
package protocol RecurrentCell: Layer, Configurable {
  var recurrence: Recurrence { get set }

  /// The tensors of one layer in one direction.
  var tensors: CellTensors { get }

  /// Writes one step: from the features `[n, inputs]` and states `[n, units]` before it to those
  /// after it, the first of which is the output.
  func step(
    _ x: Value, _ states: [Value], _ weights: CellWeights, in builder: inout Builder
  ) -> [Value]
}

extension RecurrentCell {
  package func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    guard recurrence.attention == nil else {
      throw Misfit("reads a second sequence: expected input: [SEQUENCE, MEMORY]", at: "attention")
    }
    return try forward(x, memory: nil, in: &pass)
  }

  package func forward(
    _ inputs: [Value], in pass: inout ForwardPass
  ) throws(Misfit) -> Value {
    guard inputs.count > 1 else { return try forward(inputs[0], in: &pass) }
    guard recurrence.attention != nil, inputs.count == 2 else {
      throw Misfit(
        recurrence.attention == nil
          ? "takes one input, or two with the key attention, found \(inputs.count)"
          : "takes a sequence and a memory, found \(inputs.count) inputs", at: "input")
    }
    return try forward(inputs[0], memory: try pass.sequence(inputs[1], at: "input"), in: &pass)
  }

  private func forward(
    _ x: Value, memory: Value?, in pass: inout ForwardPass
  ) throws(Misfit) -> Value {
    // With time first, the numbers of a step are one block of memory.
    var x = pass.exchange(try pass.sequence(x))
    // Of a step that is given alone it is known that it counts.
    let lengths = pass.isStep ? nil : recurrence.lengths
    let mask = try lengths.map { field throws(Misfit) in try pass.mask(from: field, over: x) }
    for layer in 0..<recurrence.layers {
      if layer > 0, recurrence.dropout > 0 {
        // Random numbers are drawn for each sample.
        let dropped = try Dropout(recurrence.dropout).forward(pass.exchange(x), in: &pass)
        x = pass.exchange(dropped)
      }
      var outputs: [Value] = []
      let isLast = recurrence.output == .last && layer == recurrence.layers - 1
      for isReversed in recurrence.direction.reversals {
        let suffix =
          "_l\(layer)\(isReversed && recurrence.direction == .both ? "_reverse" : "")"
        let (last, all) = try scan(x, mask, memory, suffix, reversed: isReversed, in: &pass)
        outputs.append(isLast ? last : all)
      }
      x = pass.builder.emit(.concatenate(axis: pass.shape(of: outputs[0]).rank - 1), outputs)
    }
    return recurrence.output == .sequence ? pass.exchange(x) : x
  }

  /// Writes one cell over all steps: its last output, and that of every step.
  private func scan(
    _ x: Value, _ mask: Value?, _ memory: Value?, _ suffix: String, reversed isReversed: Bool,
    in pass: inout ForwardPass
  ) throws(Misfit) -> (last: Value, all: Value) {
    let shape = pass.shape(of: x)
    try pass.checkSize(of: [shape[1], shape[0], tensors.input.count * recurrence.units])
    let inputs = shape[2] + (memory.map { pass.shape(of: $0)[2] } ?? 0)
    let (weights, learned) = try parameters(inputs: inputs, suffix, in: &pass)
    var attention: AdditiveAttention?
    if let memory, let size = recurrence.attention {
      attention = try self.attention(to: memory, size: size, suffix, in: &pass)
    }
    let type = Shape([shape[1], recurrence.units])
    let zero = pass.builder.constant(0, type)
    var first = tensors.states.map { name in
      learned[name].map { pass.builder.broadcast($0, over: type) } ?? zero
    }
    first += tensors.gate.map { _ in zero }
    let carried = try pass.carriesStates(recurrence) ? carriedNames(suffix) : []
    for (place, name) in carried.enumerated() {
      first[place] = pass.state(name, beginning: first[place])
    }
    let author = pass.builder.author
    defer { pass.builder.author = author }
    if recurrence.layers > 1 || recurrence.direction == .both { pass.builder.author += suffix }
    let body: Builder.Step = { builder, states, items, constants in
      func name(_ states: [Value]) {
        for (name, state) in zip(tensors.states, states) {
          builder.name(state, String(name.dropLast()))
        }
      }
      let (own, others) = (
        constants.prefix(weights.values.count), constants.dropFirst(weights.values.count)
      )
      let context = attention?.holding(others).context(for: states[0], in: &builder)
      let next = step(
        items[0], states, weights.holding(Array(own), beside: context), in: &builder)
      guard mask != nil else {
        name(next)
        return (next, [next[0]])
      }
      // A step behind the end changes no state, and its output is 0.
      let counts = builder.broadcast(builder.reshape(items[1], [type[0], 1]), type)
      let kept = zip(next, states).map { builder.emit(.select, counts, $0, $1) }
      name(kept)
      let output = builder.emit(.select, counts, next[0], builder.constant(0, type))
      return (kept, [output])
    }
    let constants = weights.values + (attention?.values ?? [])
    let (last, all) =
      pass.isStep
      ? alone(body, on: x, first, constants, in: &pass.builder)
      : pass.builder.scan(
        over: [x] + (mask.map { [$0] } ?? []), axis: 0, from: first, with: constants,
        reversed: isReversed, remember: recurrence.remember.map { min($0, shape[0]) }, body)
    for (name, state) in zip(carried, last) { pass.leave(name, state) }
    return (last[0], all[0])
  }

  /// Writes the only step of sequences, without a loop.
  private func alone(
    _ step: Builder.Step, on x: Value, _ states: [Value], _ weights: [Value],
    in builder: inout Builder
  ) -> (carries: [Value], results: [Value]) {
    let shape = builder.shape(of: x)
    let item = builder.reshape(x, [shape[1], shape[2]])
    let (last, results) = step(&builder, states, [item], weights)
    return (last, results.map { builder.reshape($0, [1, shape[1], recurrence.units]) })
  }

  /// The names of the states of a cell, in their order.
  private func carriedNames(_ suffix: String) -> [String] {
    (tensors.states.map { String($0.dropLast()) } + tensors.gate.map(String.init))
      .map { $0 + suffix }
  }
}

extension Recurrence.Direction {
  /// Whether each of its cells begins at the last step.
  fileprivate var reversals: [Bool] {
    switch self {
    case .forward: [false]
    case .backward: [true]
    case .both: [false, true]
    }
  }
}

extension ForwardPass {
  /// Samples and steps in exchanged order.
  fileprivate mutating func exchange(_ x: Value) -> Value {
    builder.emit(.permute([1, 0, 2]), x)
  }

  /// Which steps of a sequence count, `uint8[steps, n]`: those below the length of their sample.
  fileprivate mutating func mask(
    from field: String, over x: Value
  ) throws(Misfit) -> Value {
    let steps = shape(of: x)[0]
    return builder.mask(from: try lengths(field, steps: steps), steps: steps)
  }
}
