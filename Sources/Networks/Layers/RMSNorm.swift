package import Configuration
package import Graphs

/// Divides features by the root of their mean square, then scales each by a learned number (Zhang
/// and Sennrich 2019): PyTorch's `RMSNorm` over the last axis.
package struct RMSNorm: Layer, Configurable {
  package var epsilon: Double
  package var freeze: Frozen?

  package init(epsilon: Double = 1e-5) { self.epsilon = epsilon }

  package static let schema = Schema(
    "rmsnorm", RMSNorm(),
    [
      Property(
        "epsilon", \.epsilon, .number(in: .above(0, below: 1)),
        help: "Added to the mean square before its root is taken; PyTorch's default is 1.19e-7."),
      .freeze(\.freeze),
    ], help: "Mean square 1 for the features of each sample, step or place.")

  package func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    let shape = pass.shape(of: x)
    let scale = try pass.parameter("weight", [shape[shape.rank - 1]], .constant(1))
    return pass.builder.emit(.composite(.rmsNorm(epsilon: epsilon)), x, scale)
  }
}
