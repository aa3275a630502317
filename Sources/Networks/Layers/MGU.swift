package import Configuration
package import Diagnostics
package import Graphs

/// A minimal gated unit (Zhou and others 2016).
///
///     f = sigmoid(W_f·x + U_f·h + b_f)
///     c = tanh(W_h·x + U_h·(f·h) + b_h)
///     h = (1 - f)·h + f·c
///
/// Variants (Heck and Salem 2017): f = sigmoid(U_f·h + b_f) is 1, sigmoid(U_f·h) is 2 and
/// sigmoid(b_f) is 3.
package struct MGU: RecurrentCell {
  package var recurrence: Recurrence
  package var variant: Int

  package init(_ recurrence: Recurrence, variant: Int = 0) {
    self.recurrence = recurrence
    self.variant = variant
  }

  package static let schema = Schema(
    "mgu", MGU(Recurrence(units: 1)), main: "units",
    properties([
      Property(
        "variant", \.variant, .integer(in: 0...3),
        help: "What the gate sees: 0 input, state and bias; 1 state and bias; 2 the state; 3 the "
          + "bias.")
    ]), help: "A minimal gated unit: a state of one gate.")

  package var tensors: CellTensors {
    var tensors = CellTensors("fh")
    if variant > 0 { tensors.input = "h" }
    if variant == 2 { tensors.bias = "h" }
    if variant == 3 { tensors.recurrent = "h" }
    return tensors
  }

  package func check(_ settings: Settings) throws(Failure) {
    try recurrence.check(settings)
    guard variant != 3 || recurrence.bias else {
      throw settings.failure(at: "bias", "is all that the gate of variant 3 has: leave it out")
    }
  }

  package func step(
    _ x: Value, _ states: [Value], _ weights: CellWeights, in builder: inout Builder
  ) -> [Value] {
    let h = states[0]
    let f = builder.sigmoid(
      builder.sum([
        weights.affine(x, "ih", "f", in: &builder), weights.affine(h, "hh", "f", in: &builder),
      ]))
    let candidate = builder.tanh(
      builder.sum([
        weights.affine(x, "ih", "h", in: &builder),
        weights.affine(builder.multiply(f, h), "hh", "h", in: &builder),
      ]))
    for (name, value) in [("f", f), ("n", candidate)] { builder.name(value, name) }
    return [builder.mix(h, candidate, by: f)]
  }
}
