/// What a brain makes of its outputs last, in the words of Neuron up to 1.5.
public enum OutputModifier: Int, CaseIterable, Sendable {
  /// eˣ over the sum of those of all outputs.
  case softmax
}

extension Brain {
  /// Adds a modifier of the outputs behind the layers there are; later releases of Neuron have the activation
  /// `softmax` of the last layer instead.
  public func add(modifier: OutputModifier) {
    switch modifier {
    case .softmax: add(.softmax)
    }
  }
}
