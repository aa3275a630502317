internal import Configuration
internal import Graphs

/// A product with a number that nothing learns.
struct Scale: Layer {
  static let schema = Record(
    "scale", main: "factor",
    keys: [Key("factor", .number(in: .from(-1e30, to: 1e30)), help: "What all is multiplied by.")],
    help: "factor · x, element by element.")

  private let factor: Double

  init(_ settings: Settings) { factor = settings.number("factor") }

  func forward(_ x: Value, in pass: inout ForwardPass) -> Value {
    pass.builder.multiply(x, by: factor)
  }
}
