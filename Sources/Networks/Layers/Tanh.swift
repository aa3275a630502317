internal import Configuration
internal import Graphs

/// The hyperbolic tangent, element by element.
struct Tanh: Layer {
  static let schema = Record("tanh", help: "The hyperbolic tangent, element by element.")

  init(_ settings: Settings) {}

  func forward(_ x: Value, in pass: inout ForwardPass) -> Value {
    pass.builder.emit(.unary(.tanh), x)
  }
}
