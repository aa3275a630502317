/// A function of a brain's outputs, as Neuron up to 1.5 has it.
public enum OutputModifier: Int, CaseIterable, Sendable {
  /// Probabilities: eˣ divided by the sum over all outputs.
  case softmax
}

extension Brain {
  /// Appends a modifier of the outputs; later releases of Neuron use the activation `softmax` of
  /// the last layer instead.
  public func add(modifier: OutputModifier) {
    switch modifier {
    case .softmax: add(.softmax)
    }
  }
}
