internal import Configuration
internal import Graphs

/// exp(x) / Σ exp(x) over the features of a vector, or over the channels at each place of a map.
struct Softmax: Layer {
  static let schema = Record("softmax", help: "Probabilities over features or channels.")

  init(_ settings: Settings) {}

  func forward(_ x: Value, in pass: inout ForwardPass) -> Value {
    pass.builder.emit(.composite(.softmax), x)
  }
}
