internal import Configuration
internal import Graphs

/// max(x, 0), element by element; its derivative at 0 is 0.
struct Relu: Layer {
  static let schema = Record("relu", help: "max(x, 0), element by element.")

  init(_ settings: Settings) {}

  func forward(_ x: Value, in pass: inout ForwardPass) -> Value {
    let zero = pass.builder.constant(0, pass.shape(of: x))
    return pass.builder.maximum(x, zero)
  }
}
