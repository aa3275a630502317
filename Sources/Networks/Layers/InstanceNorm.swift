package import Configuration
package import Graphs

/// Brings each channel of each sample to mean 0 and variance 1 over its places, then scales and
/// shifts it by learned numbers (Ulyanov and others 2016).
package struct InstanceNorm: Layer, Configurable {
  package var epsilon: Double
  package var freeze: Frozen?

  package init(epsilon: Double = 1e-5) { self.epsilon = epsilon }

  package static let schema = Schema(
    "instancenorm", InstanceNorm(), [.epsilon(\.epsilon), .freeze(\.freeze)],
    help: "Mean 0 and variance 1 for each channel of each sample, over its places.")

  package func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    let map = try pass.map(x)
    let (x, channels) = (map.value, map.channels)
    guard map.height * map.width > 1 else {
      throw Misfit("a channel of 1 place has no variance: put it where maps are larger")
    }
    let shape = pass.shape(of: x)
    let scale = try pass.parameter("weight", [channels], .constant(1))
    let shift = try pass.parameter("bias", [channels], .zeros)
    let centred = pass.builder.subtract(x, mean(of: x, in: &pass.builder))
    let variance = mean(of: pass.builder.multiply(centred, centred), in: &pass.builder)
    let spread = pass.builder.add(variance, pass.builder.constant(epsilon, shape))
    let normal = pass.builder.divide(centred, pass.builder.emit(.unary(.sqrt), spread))
    let scaled = pass.builder.multiply(normal, pass.builder.broadcast(scale, over: shape))
    return pass.result(
      pass.builder.add(scaled, pass.builder.broadcast(shift, over: shape)), of: map)
  }

  /// The mean over the places of each channel, at every place.
  private func mean(of x: Value, in builder: inout Builder) -> Value {
    let shape = builder.shape(of: x)
    let sums = builder.sum(x, axes: [1, 2])
    let means = builder.multiply(sums, by: 1 / Double(shape[1] * shape[2]))
    return builder.broadcast(builder.reshape(means, [shape[0], 1, 1, shape[3]]), shape)
  }
}
