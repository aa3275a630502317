package import Configuration
package import Graphs

/// Brings each group of neighbouring channels of each sample to mean 0 and variance 1 over its places,
/// then scales and shifts each channel by learned numbers (Wu and He 2018): PyTorch's `GroupNorm`.
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
    let (samples, channels) = (shape[0], shape[shape.rank - 1])
    guard channels % groups == 0 else {
      throw Misfit("\(groups) groups do not divide the channels (\(channels))", at: "groups")
    }
    let (places, size) = (shape.count / samples / channels, channels / groups)
    guard places * size > 1 else {
      throw Misfit("a group of 1 number has no variance: use fewer groups", at: "groups")
    }
    var y: Value
    if groups == 1 || places == 1 {
      // The numbers of a group are neighbours, as the composite needs them.
      let rows = pass.builder.reshape(x, [samples * groups, places * size])
      let (ones, zeros) = (
        pass.builder.constant(1, [places * size]), pass.builder.constant(0, [places * size])
      )
      y = pass.builder.emit(.composite(.layerNorm(epsilon: epsilon)), rows, ones, zeros)
    } else {
      let apart = pass.builder.reshape(x, [samples, places, groups, size])
      y = pass.builder.normalised(apart, over: [1, 3], epsilon: epsilon)
    }
    y = pass.builder.reshape(y, shape)
    guard affine else { return y }
    let scale = try pass.parameter("weight", [channels], .constant(1))
    y = pass.builder.multiply(y, pass.builder.spread(scale, over: shape))
    return try pass.add(.zeros, to: y)
  }
}

extension Builder {
  /// Brings a value to mean 0 and variance 1 over some axes.
  mutating func normalised(_ x: Value, over axes: [Int], epsilon: Double) -> Value {
    let centred = subtract(x, mean(of: x, over: axes))
    let variance = mean(of: multiply(centred, centred), over: axes)
    let deviation = emit(.unary(.sqrt), add(variance, constant(epsilon, shape(of: x))))
    return divide(centred, deviation)
  }

  /// The mean over some axes, broadcast to the shape of the value.
  mutating func mean(of x: Value, over axes: [Int]) -> Value {
    let shape = shape(of: x)
    let means = multiply(sum(x, axes: axes), by: 1 / Double(axes.reduce(1) { $0 * shape[$1] }))
    return broadcast(reshape(means, shape.replacing(axes, with: 1)), shape)
  }
}
