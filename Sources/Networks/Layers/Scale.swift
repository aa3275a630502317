package import Configuration
package import Graphs

/// A product with a constant.
package struct Scale: Layer, Configurable {
  package var factor: Double

  package init(_ factor: Double) { self.factor = factor }

  package static let schema = Schema(
    "scale", Scale(1), main: "factor",
    [
      Property(
        "factor", \.factor, .number(in: .from(-1e30, to: 1e30)), isRequired: true,
        help: "What all is multiplied by.")
    ], help: "factor · x, element by element.")

  package func forward(_ x: Value, in pass: inout ForwardPass) -> Value {
    pass.builder.multiply(x, by: factor)
  }
}
