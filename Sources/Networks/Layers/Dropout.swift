package import Configuration
package import Graphs

/// Sets elements to zero at random while training, and scales the rest by 1 / (1 - rate).
///
/// The expectation of each element stays the same, so evaluation leaves the layer out.
package struct Dropout: Layer, Configurable {
  package var rate: Double

  package init(_ rate: Double) { self.rate = rate }

  package static let schema = Schema(
    "dropout", Dropout(0), main: "rate",
    [
      Property(
        "rate", \.rate, .number(in: .from(0, below: 1)), isRequired: true,
        help: "The share of elements dropped.")
    ], help: "Drops elements at random while training.")

  package func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    guard pass.isTraining, rate > 0 else { return x }
    let shape = pass.shape(of: x)
    let draws = try pass.random(shape)
    let isKept = pass.builder.emit(
      .compare(.lessOrEqual), pass.builder.constant(rate, shape), draws)
    let scaled = pass.builder.multiply(x, by: 1 / (1 - rate))
    return pass.builder.emit(.select, isKept, scaled, pass.builder.constant(0, shape))
  }
}
