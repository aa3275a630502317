internal import Configuration
internal import Graphs

/// x · sigmoid(x), which is also called SiLU (Ramachandran and others 2017).
struct Swish: Layer {
  static let schema = Record("swish", help: "x · sigmoid(x), element by element; also called SiLU.")

  init(_ settings: Settings) {}

  func forward(_ x: Value, in pass: inout ForwardPass) -> Value {
    pass.builder.multiply(x, pass.builder.emit(.unary(.sigmoid), x))
  }
}
