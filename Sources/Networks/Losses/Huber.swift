package import Configuration
package import Graphs

/// The mean over outputs of e²/2 for errors e up to delta, and delta (|e| - delta/2)
/// beyond: outliers pull no more than an error of delta (Huber 1964).
package struct Huber: Loss {
  package var delta: Double

  package init(delta: Double = 1) { self.delta = delta }

  package static let schema = Schema(
    "huber", Huber(), main: "delta",
    [
      Property(
        "delta", \.delta, .number(in: .above(0, to: 1e30)),
        help: "Up to this error the loss is its square, halved; beyond, it grows linearly.")
    ], help: "Squared error up to delta, absolute error beyond; the mean over the outputs.")

  package func terms(of results: Results, against truth: Truth, in builder: inout Builder) -> Value
  {
    let errors = builder.subtract(results.predictions, builder.numbers(of: truth))
    let size = builder.magnitude(of: errors)
    // With m = min(|e|, delta) both cases are m (|e| - m/2).
    let limit = builder.constant(delta, builder.shape(of: size))
    let inner = builder.add(limit, builder.negativePart(of: builder.subtract(size, limit)))
    let arm = builder.subtract(size, builder.multiply(inner, by: 0.5))
    return builder.terms(builder.multiply(inner, arm), against: truth)
  }
}
