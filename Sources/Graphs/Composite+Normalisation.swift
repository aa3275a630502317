/// What the normalisations mean, in primitive operations.
extension Builder {
  mutating func batchNorm(_ operands: [Value], _ epsilon: Double) -> Value {
    let axes = Array(0..<shape(of: operands[0]).rank - 1)
    return normalised(operands, over: axes, epsilon)
  }

  mutating func layerNorm(_ operands: [Value], _ epsilon: Double) -> Value {
    let axes = Array(1..<shape(of: operands[0]).rank)
    return normalised(operands, over: axes, epsilon)
  }

  mutating func batchMean(_ x: Value) -> Value {
    let shape = shape(of: x)
    let mean = mean(x, over: Array(0..<shape.rank - 1))
    return reshape(mean, [shape[shape.rank - 1]])
  }

  mutating func batchVariance(_ x: Value) -> Value {
    let shape = shape(of: x)
    let axes = Array(0..<shape.rank - 1)
    let deviations = deviations(of: x, over: axes)
    let variance = mean(multiply(deviations, deviations), over: axes)
    return reshape(variance, [shape[shape.rank - 1]])
  }

  private mutating func normalised(
    _ operands: [Value], over axes: [Int], _ epsilon: Double
  ) -> Value {
    let (x, scale, shift) = (operands[0], operands[1], operands[2])
    let shape = shape(of: x)
    // The mean of x² minus the square of the mean would cancel where the mean is large.
    let deviations = deviations(of: x, over: axes)
    let variance = mean(multiply(deviations, deviations), over: axes)
    let spread = add(variance, constant(epsilon, type(of: variance)))
    let deviation = broadcast(emit(.unary(.sqrt), spread), shape)
    let scaled = multiply(divide(deviations, deviation), self.spread(scale, over: shape))
    return add(scaled, self.spread(shift, over: shape))
  }

  /// The gradient of one operand of a normalisation over these axes from that of the result, in the
  /// steps of the kernels: sums of the gradient first, then what it has in common with them goes out.
  mutating func normalisationGradient(
    _ operands: [Value], over axes: [Int], _ epsilon: Double, operand: Int
  ) -> Value {
    let (x, g) = (operands[0], operands[3])
    let shape = shape(of: x)
    let deviations = deviations(of: x, over: axes)
    let variance = mean(multiply(deviations, deviations), over: axes)
    let inverse = divide(
      constant(1, type(of: variance)),
      emit(.unary(.sqrt), add(variance, constant(epsilon, type(of: variance)))))
    let factor = broadcast(inverse, shape)
    guard operand == 0 else {
      let product = operand == 1 ? multiply(multiply(g, deviations), factor) : g
      return reshape(sum(product, axes: Array(0..<shape.rank - 1)), [shape[shape.rank - 1]])
    }
    let scaled = multiply(g, spread(operands[1], over: shape))
    let level = mean(scaled, over: axes)
    let slope = multiply(
      mean(multiply(scaled, deviations), over: axes), multiply(inverse, inverse))
    let common = add(
      broadcast(level, shape), multiply(deviations, broadcast(slope, shape)))
    return multiply(subtract(scaled, common), factor)
  }

  private mutating func deviations(of x: Value, over axes: [Int]) -> Value {
    let mean = mean(x, over: axes)
    return subtract(x, broadcast(mean, shape(of: x)))
  }

  private mutating func mean(_ x: Value, over axes: [Int]) -> Value {
    let count = axes.reduce(1) { $0 * shape(of: x)[$1] }
    return multiply(sum(x, axes: axes), by: 1 / Double(count))
  }
}
