package import Configuration
package import Graphs

/// A gated recurrent unit (Cho and others 2014).
///
///     r = sigmoid(W_r·x + b_ir + U_r·h + b_hr)
///     z = sigmoid(W_z·x + b_iz + U_z·h + b_hz)
///     n = tanh(W_n·x + b_in + r·(U_n·h + b_hn))
///     h = (1 - z)·n + z·h
///
/// With `reset: before`, as first published, n = tanh(W_n·x + b_in + U_n·(r·h) + b_hn).
package struct GRU: RecurrentCell {
  package var recurrence: Recurrence
  package var reset: Reset

  package init(_ recurrence: Recurrence, reset: Reset = .after) {
    self.recurrence = recurrence
    self.reset = reset
  }

  package enum Reset: String, CaseIterable, SettingValue {
    case after, before
  }

  package static let schema = Schema(
    "gru", GRU(Recurrence(units: 1)), main: "units",
    properties([
      Property(
        "reset", \.reset,
        help: "Whether the reset gate scales the state after its product with the weights, as in "
          + "PyTorch, or before, as first published.")
    ]), help: "A gated recurrent unit: a state of two gates.")

  package var tensors: CellTensors { CellTensors("rzn") }

  package func step(
    _ x: Value, _ states: [Value], _ weights: CellWeights, in builder: inout Builder
  ) -> [Value] {
    let h = states[0]
    let recurrent = reset == .after ? "rzn" : "rz"
    guard let fromInput = weights.affine(x, "ih", "rzn", in: &builder),
      let fromState = weights.affine(h, "hh", recurrent, in: &builder)
    else { preconditionFailure("all gates have weights") }
    func gate(_ gate: Character) -> Value {
      builder.sigmoid(
        builder.add(
          weights.part(gate, of: fromInput, "rzn", in: &builder),
          weights.part(gate, of: fromState, recurrent, in: &builder)))
    }
    let (r, z) = (gate("r"), gate("z"))
    let remembered =
      reset == .after
      ? builder.multiply(r, weights.part("n", of: fromState, recurrent, in: &builder))
      : weights.affine(builder.multiply(r, h), "hh", "n", in: &builder)
    let n = builder.tanh(
      builder.sum([weights.part("n", of: fromInput, "rzn", in: &builder), remembered]))
    for (name, value) in [("r", r), ("z", z), ("n", n)] { builder.name(value, name) }
    return [builder.mix(n, h, by: z)]
  }
}
