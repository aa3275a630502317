internal import Networks

/// Recurrent layers: they take a state from step to step of a sequence `[steps, features]`, which
/// `.reshape(28, 28)` makes of 784 inputs.
///
///     brain.add(.reshape(28, 28))
///     brain.add(.lstm(128, returnSequence: false))
///     brain.add(.dense(10))
extension NetworkLayer {
  /// The order in which a layer takes the steps; `both` joins the outputs of two cells.
  public enum Direction: Sendable { case forward, backward, both }

  /// A simple recurrent layer: tanh(W·x + U·h + b), or relu in place of tanh.
  public static func rnn(
    _ units: Int, relu: Bool = false, layers: Int = 1, direction: Direction = .forward,
    dropout: Double = 0, returnSequence: Bool = true
  ) -> NetworkLayer {
    NetworkLayer(
      RNN(
        Recurrence(units, layers, direction, dropout, returnSequence),
        activation: relu ? .relu : .tanh))
  }

  /// Long short-term memory; `forgetBias` is the first bias of the forget gate.
  public static func lstm(
    _ units: Int, peepholes: Bool = false, forgetBias: Double = 0, layers: Int = 1,
    direction: Direction = .forward, dropout: Double = 0, returnSequence: Bool = true
  ) -> NetworkLayer {
    NetworkLayer(
      LSTM(
        Recurrence(units, layers, direction, dropout, returnSequence), peepholes: peepholes,
        forgetBias: forgetBias))
  }

  /// A gated recurrent unit, as PyTorch has it, or with the reset gate before the product.
  public static func gru(
    _ units: Int, resetBefore: Bool = false, layers: Int = 1, direction: Direction = .forward,
    dropout: Double = 0, returnSequence: Bool = true
  ) -> NetworkLayer {
    NetworkLayer(
      GRU(
        Recurrence(units, layers, direction, dropout, returnSequence),
        reset: resetBefore ? .before : .after))
  }

  /// A minimal gated unit, or one of its variants 1 to 3 with fewer parameters.
  public static func mgu(
    _ units: Int, variant: Int = 0, layers: Int = 1, direction: Direction = .forward,
    dropout: Double = 0, returnSequence: Bool = true
  ) -> NetworkLayer {
    NetworkLayer(
      MGU(Recurrence(units, layers, direction, dropout, returnSequence), variant: variant))
  }
}

extension Recurrence {
  fileprivate init(
    _ units: Int, _ layers: Int, _ direction: NetworkLayer.Direction, _ dropout: Double,
    _ returnSequence: Bool
  ) {
    let order: Direction =
      switch direction {
      case .forward: .forward
      case .backward: .backward
      case .both: .both
      }
    self.init(
      units: units, layers: layers, direction: order, dropout: dropout,
      output: returnSequence ? .sequence : .last)
  }
}
