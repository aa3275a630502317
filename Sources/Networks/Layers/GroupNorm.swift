package import Configuration
package import Graphs

/// Brings each group of neighbouring channels of each sample to mean 0 and variance 1 over its
/// places, then scales and shifts each channel by learned numbers (Wu and He 2018): PyTorch's
/// `GroupNorm`.
package struct GroupNorm: Layer, Configurable {
  package var groups: Int
  package var epsilon: Double
  package var affine: Bool
  package var freeze: Frozen?

  package init(_ groups: Int, epsilon: Double = 1e-5, affine: Bool = true) {
    self.groups = groups
    self.epsilon = epsilon
    self.affine = affine
  }

  package static let schema = Schema(
    "groupnorm", GroupNorm(1), main: "groups",
    [
      Property(
        "groups", \.groups, .integer(in: 1...(1 << 20)), isRequired: true,
        help: "The number of groups, which divides that of the channels."),
      .epsilon(\.epsilon),
      Property(
        "affine", \.affine, help: "Whether each channel is scaled and shifted by learned numbers."),
      .freeze(\.freeze),
    ], help: "Mean 0 and variance 1 for each group of channels of each sample.")

  package func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    let shape = pass.shape(of: x)
    let channels = shape[shape.rank - 1]
    guard channels % groups == 0 else {
      throw Misfit("\(groups) groups do not divide the channels (\(channels))", at: "groups")
    }
    guard shape.count / shape[0] > groups else {
      throw Misfit("a group of 1 number has no variance: use fewer groups", at: "groups")
    }
    let (scale, shift) =
      affine
      ? (
        try pass.parameter("weight", [channels], .constant(1)),
        try pass.parameter("bias", [channels], .zeros)
      ) : (pass.builder.constant(1, [channels]), pass.builder.constant(0, [channels]))
    return pass.builder.emit(
      .composite(.groupNorm(epsilon: epsilon, groups: groups)), x, scale, shift)
  }
}
