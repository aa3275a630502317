internal import Configuration
internal import Graphs

/// x · tanh(log(1 + e^x)) (Misra 2019).
struct Mish: Layer {
  static let schema = Record("mish", help: "x · tanh(softplus(x)), element by element.")

  init(_ settings: Settings) {}

  func forward(_ x: Value, in pass: inout ForwardPass) -> Value {
    let gate = pass.builder.emit(.unary(.tanh), pass.builder.softplus(x))
    return pass.builder.multiply(x, gate)
  }
}
