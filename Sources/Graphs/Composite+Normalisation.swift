/// Mean 0 and variance 1 in each channel or in each sample, then a scale and a shift for each
/// channel.
///
/// Means and variances are saved.
struct Normalisation: CompositeDefinition {
  let epsilon: Double
  let isOfSamples: Bool

  var arity: Int { 3 }
  var resultCount: Int { 3 }
  var differentiable: [Int] { [0, 1, 2] }

  func resultTypes(of operands: [TensorType]) throws(ProgramError) -> [TensorType] {
    let shape = operands[0].shape
    try require(shape.rank >= 2, "takes \(operands[0])")
    let channels = TensorType(operands[0].number, [shape[shape.rank - 1]])
    try require(
      operands.dropFirst().allSatisfy { $0 == channels }, "takes \(operands)")
    let statistics = TensorType(operands[0].number, [statisticsCount(of: shape)])
    return [operands[0], statistics, statistics]
  }

  private func statisticsCount(of shape: Shape) -> Int {
    isOfSamples ? shape[0] : shape[shape.rank - 1]
  }

  /// The axes that a mean is over.
  private func axes(of shape: Shape) -> [Int] {
    Array(isOfSamples ? 1..<shape.rank : 0..<shape.rank - 1)
  }

  func expand(_ operands: [Value], in builder: inout Builder) -> [Value] {
    let (x, scale, shift) = (operands[0], operands[1], operands[2])
    let shape = builder.shape(of: x)
    let axes = axes(of: shape)
    // The mean of x² minus the square of the mean would cancel where the mean is large.
    let mean = builder.mean(x, over: axes)
    let deviations = builder.subtract(x, builder.broadcast(mean, shape))
    let variance = builder.mean(builder.multiply(deviations, deviations), over: axes)
    let spread = builder.add(variance, builder.constant(epsilon, builder.type(of: variance)))
    let deviation = builder.broadcast(builder.emit(.unary(.sqrt), spread), shape)
    let scaled = builder.multiply(
      builder.divide(deviations, deviation), builder.spread(scale, over: shape))
    let statistics: Shape = [statisticsCount(of: shape)]
    return [
      builder.add(scaled, builder.spread(shift, over: shape)),
      builder.reshape(mean, statistics), builder.reshape(variance, statistics),
    ]
  }

  /// Sums of the gradient first, then what it has in common with them goes out.
  func kernelGradients(
    _ operands: [Value], _ results: [Value], from g: Value, in builder: inout Builder
  ) -> [Value]? {
    let (x, scale) = (operands[0], operands[1])
    let shape = builder.shape(of: x)
    let axes = axes(of: shape)
    let thin = shape.replacing(axes, with: 1)
    let (mean, variance) = (builder.reshape(results[1], thin), builder.reshape(results[2], thin))
    let deviations = builder.subtract(x, builder.broadcast(mean, shape))
    let inverse = builder.divide(
      builder.constant(1, builder.type(of: variance)),
      builder.emit(
        .unary(.sqrt), builder.add(variance, builder.constant(epsilon, builder.type(of: variance))))
    )
    let factor = builder.broadcast(inverse, shape)
    func sums(_ x: Value) -> Value {
      builder.reshape(
        builder.sum(x, axes: Array(0..<shape.rank - 1)), [shape[shape.rank - 1]])
    }
    let byScale = sums(builder.multiply(builder.multiply(g, deviations), factor))
    let scaled = builder.multiply(g, builder.spread(scale, over: shape))
    let level = builder.mean(scaled, over: axes)
    let slope = builder.multiply(
      builder.mean(builder.multiply(scaled, deviations), over: axes),
      builder.multiply(inverse, inverse))
    let common = builder.add(
      builder.broadcast(level, shape),
      builder.multiply(deviations, builder.broadcast(slope, shape)))
    return [builder.multiply(builder.subtract(scaled, common), factor), byScale, sums(g)]
  }
}

extension Builder {
  fileprivate mutating func mean(_ x: Value, over axes: [Int]) -> Value {
    let count = axes.reduce(1) { $0 * shape(of: x)[$1] }
    return multiply(sum(x, axes: axes), by: 1 / Double(count))
  }
}
