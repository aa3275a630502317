package import Configuration
package import Graphs

/// h = tanh(W·x + b_ih + U·h + b_hh) at each step (Elman 1990), or relu in place of tanh.
package struct RNN: RecurrentCell {
  package var recurrence: Recurrence
  package var activation: Nonlinearity

  package init(_ recurrence: Recurrence, activation: Nonlinearity = .tanh) {
    self.recurrence = recurrence
    self.activation = activation
  }

  package enum Nonlinearity: String, CaseIterable, SettingValue {
    case tanh, relu
  }

  package static let schema = Schema(
    "rnn", RNN(Recurrence(units: 1)), main: "units",
    properties([
      Property("activation", \.activation, help: "The function of the sum that makes the state.")
    ]), help: "A simple recurrent layer (Elman): h = tanh(W·x + U·h + b) at each step.")

  package var tensors: CellTensors { CellTensors("h") }

  package func step(
    _ x: Value, _ states: [Value], _ weights: CellWeights, in builder: inout Builder
  ) -> [Value] {
    let sum = weights.sums(x, states[0], in: &builder)
    return [activation == .tanh ? builder.tanh(sum) : builder.positivePart(of: sum)]
  }
}
