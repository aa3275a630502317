internal import Configuration
internal import Graphs

/// An ELU so scaled that means of 0 and variances of 1 stay (Klambauer and others 2017).
struct SELU: Layer {
  static let schema = Record(
    "selu", help: "1.0507 · elu(x) with an alpha of 1.6733, which keeps mean 0 and variance 1.")

  init(_ settings: Settings) {}

  func forward(_ x: Value, in pass: inout ForwardPass) -> Value {
    let bent = pass.builder.elu(x, alpha: 1.6732632423543772)
    return pass.builder.multiply(bent, by: 1.0507009873554805)
  }
}
