package import Configuration
package import Graphs

/// Brings each channel to mean 0 and variance 1 over the samples and places of a shard, then scales
/// and shifts it by learned numbers (Ioffe and Szegedy 2015).
///
/// Evaluation uses running averages instead, so that a sample's result depends on it alone; so does
/// training where they are frozen.
package struct BatchNorm: Layer, Configurable {
  package var epsilon: Double
  package var momentum: Double
  package var freeze: Frozen?

  package init(epsilon: Double = 1e-5, momentum: Double = 0.1) {
    self.epsilon = epsilon
    self.momentum = momentum
  }

  package static let schema = Schema(
    "batchnorm", BatchNorm(),
    [
      .epsilon(\.epsilon),
      Property(
        "momentum", \.momentum, .number(in: .above(0, below: 1)),
        help: "The share of each new batch in the running averages."),
      .freeze(
        \.freeze,
        help: "What stays as it is; all keeps the running averages, too, and normalises by them."),
    ], help: "Mean 0 and variance 1 for each channel, over the samples of a shard.")

  package func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    let shape = pass.shape(of: x)
    let channels = Shape([shape[shape.rank - 1]])
    let scale = try pass.parameter("weight", channels, .constant(1))
    let shift = try pass.parameter("bias", channels, .zeros)
    let mean = try pass.average("running_mean", channels, .zeros, momentum: momentum)
    let variance = try pass.average("running_var", channels, .constant(1), momentum: momentum)
    guard pass.freezes("running_mean") || !pass.takesSamplesApart else {
      throw Misfit(
        "a gradient penalty is of the critic's gradient at each sample alone, which batchnorm "
          + "mixes with those of others: use layernorm")
    }
    guard pass.isTraining, !pass.freezes("running_mean") else {
      return normalise(x, mean, variance, scale, shift, in: &pass.builder)
    }
    let count = shape.count / channels.count
    guard count > 1 else {
      throw Misfit(
        "a shard of 1 sample has 1 value for each channel, and so no variance: use fewer shards, "
          + "or 'drop_last: true' if only the last batch of an epoch is that short")
    }
    let unbiased = Double(count) / Double(count - 1)
    let results = pass.builder.results(
      of: .composite(.batchNorm(epsilon: epsilon)), [x, scale, shift])
    pass.follow(mean, results[1])
    pass.follow(variance, results[2], times: unbiased)
    return results[0]
  }

  /// One factor and one summand for each channel.
  private func normalise(
    _ x: Value, _ mean: Value, _ variance: Value, _ scale: Value, _ shift: Value,
    in builder: inout Builder
  ) -> Value {
    let shape = builder.shape(of: x)
    let spread = builder.add(variance, builder.constant(epsilon, builder.shape(of: variance)))
    let factor = builder.divide(scale, builder.emit(.unary(.sqrt), spread))
    let summand = builder.subtract(shift, builder.multiply(mean, factor))
    let scaled = builder.multiply(x, builder.broadcast(factor, over: shape))
    return builder.add(scaled, builder.broadcast(summand, over: shape))
  }
}
