extension Composite {
  /// The recurrence of a selective state-space model (Gu and Dao 2023): each channel has some
  /// states, which decay and take in the step at rates that depend on the step.
  ///
  ///     h_t = exp(Δ_t·A)·h_(t-1) + (Δ_t·u_t)·B_t
  ///     y_t = Σ C_t·h_t, over the states of a channel
  ///
  /// Operands u and Δ `[n, t, channels]`, A `[states, channels]`, B and C `[n, t, states]`, and the
  /// states before the first step, `[n, states, channels]`.
  ///
  /// Results: y; and `[n, ceil(t / interval) + 1, states, channels]`: the states before every
  /// `interval`-th step, from which the gradient computes those between again, and the last ones.
  package struct SelectiveScan: CompositeDefinition {
    /// The steps from one saved state to the next.
    package static let interval = 16

    package init() {}

    package var text: String { "selectiveScan" }
    package var name: String { "a selective scan" }
    package var operands: [NumberClass] { [.float] + [NumberClass](repeating: .like(0), count: 5) }
    package var resultCount: Int { 2 }
    package var differentiable: [Int] { Array(0..<6) }

    package func resultTypes(of operands: [TensorType]) throws(ProgramError) -> [TensorType] {
      let (u, a) = (operands[0].shape, operands[2].shape)
      try require(u.rank == 3 && a.rank == 2, "takes \(operands)")
      let (samples, steps, channels, states) = (u[0], u[1], u[2], a[0])
      try require(
        steps > 0 && states > 0 && operands[1].shape == u && a[1] == channels
          && operands[3].shape == [samples, steps, states]
          && operands[4].shape == operands[3].shape
          && operands[5].shape == [samples, states, channels], "takes \(operands)")
      let saved = (steps + Self.interval - 1) / Self.interval + 1
      return [
        operands[0], TensorType(operands[0].number, [samples, saved, states, channels]),
      ]
    }

    package func expand(_ x: [Value], in builder: inout Builder) -> [Value] {
      let (u, delta, a, b, c, first) = (x[0], x[1], x[2], x[3], x[4], x[5])
      let shape = builder.shape(of: first)
      let (samples, states, channels) = (shape[0], shape[1], shape[2])
      let input = builder.multiply(delta, u)
      builder.name(input, "delta_x")
      let steps = builder.shape(of: u)[1]
      let (carries, results) = builder.scan(
        over: [delta, input, b, c], axis: 1, from: [first], with: [a]
      ) { body, carries, items, constants in
        func ofChannels(_ x: Value, _ rows: Int) -> Value {
          body.broadcast(body.reshape(x, [rows, 1, channels]), shape)
        }
        func ofStates(_ x: Value) -> Value {
          body.broadcast(body.reshape(x, [samples, states, 1]), shape)
        }
        let rates = body.broadcast(body.reshape(constants[0], [1, states, channels]), shape)
        let exponent = body.multiply(ofChannels(items[0], samples), rates)
        let decay = body.emit(.unary(.exp), exponent)
        for (name, value) in [("delta_A", exponent), ("decay", decay)] { body.name(value, name) }
        let h = body.add(
          body.multiply(decay, carries[0]),
          body.multiply(ofChannels(items[1], samples), ofStates(items[2])))
        body.name(h, "h")
        let y = body.sum(body.multiply(ofStates(items[3]), h), axes: [1])
        body.name(y, "Ch")
        return ([h], [body.reshape(y, [samples, channels]), carries[0]])
      }
      builder.name(results[0], "Ch")
      let before = builder.shape(of: results[1]).extents.enumerated().map { axis, extent in
        axis == 1
          ? AxisRange(
            start: 0, count: (steps + Self.interval - 1) / Self.interval, stride: Self.interval)
          : AxisRange(start: 0, count: extent)
      }
      let last = builder.reshape(carries[0], [samples, 1, states, channels])
      return [
        results[0],
        builder.emit(.concatenate(axis: 1), builder.emit(.slice(before), results[1]), last),
      ]
    }

    package func formula(_ x: [Formula]) -> Formula { .function("selective_scan", x) }
    package func derivative(of operand: Int, _ x: [Formula], y: Formula, g: Formula) -> Formula? {
      .function("selective_scan_gradient", [g, x[operand]])
    }
  }
}

extension Builder {
  /// A selective scan: the composite, or its expansion where loops are to be written in another
  /// form, as for explanations.
  package mutating func selectiveScan(_ operands: [Value]) -> [Value] {
    loopForm == LoopForm()
      ? results(of: .composite(.selectiveScan), operands)
      : Composite.SelectiveScan().expand(operands, in: &self)
  }
}
