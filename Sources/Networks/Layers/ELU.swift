internal import Configuration
internal import Graphs

/// x above 0, alpha (e^x - 1) below (Clevert and others 2016).
struct ELU: Layer {
  static let schema = Record(
    "elu", main: "alpha",
    keys: [
      Key(
        "alpha", .number(in: .from(0, to: 1e30)), default: 1,
        help: "What the values far below 0 come near to, without its sign.")
    ], help: "x above 0, alpha · (exp(x) - 1) below.")

  private let alpha: Double

  init(_ settings: Settings) { alpha = settings.number("alpha") }

  func forward(_ x: Value, in pass: inout ForwardPass) -> Value {
    pass.builder.elu(x, alpha: alpha)
  }
}
