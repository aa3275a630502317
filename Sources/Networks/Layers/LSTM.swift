package import Configuration
package import Diagnostics
package import Graphs

/// Long short-term memory (Hochreiter and Schmidhuber 1997, Gers and others 2000).
///
///     i = sigmoid(W_i·x + U_i·h + b_i)       f = sigmoid(W_f·x + U_f·h + b_f)
///     g = tanh(W_g·x + U_g·h + b_g)          c = f·c + i·g
///     o = sigmoid(W_o·x + U_o·h + b_o)       h = o·tanh(c)
///
/// With peepholes i and f also see c of the step before, and o the new c: p·c, unit by unit.
package struct LSTM: RecurrentCell {
  package var recurrence: Recurrence
  package var peepholes: Bool
  package var forgetBias: Double
  package var variant: Variant?

  package init(
    _ recurrence: Recurrence, peepholes: Bool = false, forgetBias: Double = 0,
    variant: Variant? = nil
  ) {
    self.recurrence = recurrence
    self.peepholes = peepholes
    self.forgetBias = forgetBias
    self.variant = variant
  }

  /// Those of Greff and others (2017): without the input, forget or output gate (nig, nfg, nog),
  /// without the activation of input or output (niaf, noaf), f = 1 - i (cifg), and with every gate
  /// seeing all gates of the step before (fgr).
  package enum Variant: String, CaseIterable, SettingValue {
    case nig, nfg, nog, niaf, noaf, cifg, fgr
  }

  package static let schema = Schema(
    "lstm", LSTM(Recurrence(units: 1)), main: "units",
    properties([
      Property("peepholes", \.peepholes, help: "Whether the gates see the cell, unit by unit."),
      Property(
        "forget_bias", \.forgetBias, .number(in: .from(-100, to: 100)),
        help: "The first value of the forget gate's bias_ih; 1 helps to remember over many steps."),
      Property(
        "variant", \.variant,
        help: "nig, nfg and nog have no input, forget or output gate; niaf and noaf no tanh of the "
          + "input or of the cell; cifg has 1 - i as its forget gate; in fgr each gate sees all "
          + "gates of the step before."),
    ]), help: "Long short-term memory: a cell behind an input, a forget and an output gate.")

  package func check(_ settings: Settings) throws(Failure) {
    try recurrence.check(settings)
    guard forgetBias == 0 || gates.contains("f") && recurrence.bias else {
      throw settings.failure(
        at: "forget_bias", "there is no \(recurrence.bias ? "forget gate" : "bias"): leave it out")
    }
  }

  /// Those in the order of PyTorch, g being the input of the cell.
  private var gates: String {
    switch variant {
    case .nig: "fgo"
    case .nfg, .cifg: "igo"
    case .nog: "ifg"
    case .niaf, .noaf, .fgr, nil: "ifgo"
    }
  }

  package var tensors: CellTensors {
    var tensors = CellTensors(gates)
    let sigmoids = gates.filter { $0 != "g" }
    if peepholes { tensors.peephole = sigmoids }
    if variant == .fgr { tensors.gate = sigmoids }
    tensors.states = ["h0", "c0"]
    if forgetBias != 0 { tensors.firstBias = ["f": forgetBias] }
    return tensors
  }

  package func step(
    _ x: Value, _ states: [Value], _ weights: CellWeights, in builder: inout Builder
  ) -> [Value] {
    let (gates, cell) = (gates, states[1])
    let sums = weights.sums(x, states[0], in: &builder)
    let before =
      states.count == 2
      ? nil
      : weights.product(
        builder.emit(.concatenate(axis: 1), Array(states[2...])), "weight_gate", in: &builder)

    /// A gate that sees the cell; nil where the variant has none.
    func gate(_ gate: Character, _ cell: Value) -> Value? {
      guard gates.contains(gate) else { return nil }
      return builder.sigmoid(
        builder.sum([
          weights.part(gate, of: sums, gates, in: &builder),
          before.map { weights.part(gate, of: $0, "ifo", in: &builder) },
          weights.peephole(gate, at: cell, in: &builder),
        ]))
    }
    func scaled(_ x: Value, by gate: Value?) -> Value {
      gate.map { builder.multiply($0, x) } ?? x
    }
    let i = gate("i", cell)
    var f = gate("f", cell)
    if variant == .cifg, let i {
      f = builder.subtract(builder.constant(1, builder.shape(of: i)), i)
    }
    let input = weights.part("g", of: sums, gates, in: &builder)
    let g = variant == .niaf ? input : builder.tanh(input)
    let next = builder.add(scaled(cell, by: f), scaled(g, by: i))
    let o = gate("o", next)
    let h = scaled(variant == .noaf ? next : builder.tanh(next), by: o)
    for (name, value) in [("i", i), ("f", f), ("g", g), ("o", o)] {
      value.map { builder.name($0, name) }
    }
    return [h, next] + (variant == .fgr ? [i, f, o].compactMap(\.self) : [])
  }
}
