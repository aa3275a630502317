internal import Configuration
internal import Graphs

/// 1 / (1 + exp(-x)), element by element.
struct Sigmoid: Layer {
  static let schema = Record("sigmoid", help: "1 / (1 + exp(-x)), element by element.")

  init(_ settings: Settings) {}

  func forward(_ x: Value, in pass: inout ForwardPass) -> Value {
    pass.builder.emit(.unary(.sigmoid), x)
  }
}
