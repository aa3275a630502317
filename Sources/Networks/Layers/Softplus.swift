internal import Configuration
internal import Graphs

/// log(1 + e^(beta x)) / beta: a smooth max(x, 0).
struct Softplus: Layer {
  static let schema = Record(
    "softplus", main: "beta",
    keys: [
      Key(
        "beta", .number(in: .from(1e-6, to: 1e6)), default: 1,
        help: "How sharply it bends: the greater, the nearer to relu.")
    ], help: "log(1 + exp(beta · x)) / beta, element by element.")

  private let beta: Double

  init(_ settings: Settings) { beta = settings.number("beta") }

  func forward(_ x: Value, in pass: inout ForwardPass) -> Value {
    let soft = pass.builder.softplus(pass.builder.multiply(x, by: beta))
    return pass.builder.multiply(soft, by: 1 / beta)
  }
}
