extension Composite {
  /// Operands x `[n, ..., c]`, scale `[c]`, shift `[c]`.
  ///
  /// Results: x with mean 0 and variance 1, times the scale, plus the shift; the means and the
  /// variances, which are means of squares.
  ///
  /// Epsilon is added to the variance before its root is taken.
  package struct Normalisation: CompositeDefinition {
    package let epsilon: Double
    package let statistics: Statistics

    /// Which elements share a mean and a variance.
    package enum Statistics: Hashable {
      /// Those of a channel, over the batch: batch normalisation.
      case ofChannels
      /// Those of a sample: layer normalisation.
      case ofSamples
      /// Those of one of so many groups of a sample's channels, which follow each other.
      case ofGroups(Int)
    }

    package var text: String {
      switch statistics {
      case .ofChannels: "batchNorm(epsilon \(epsilon))"
      case .ofSamples: "layerNorm(epsilon \(epsilon))"
      case .ofGroups(let groups): "groupNorm(epsilon \(epsilon), groups \(groups))"
      }
    }
    package var name: String {
      switch statistics {
      case .ofChannels: "batch normalisation"
      case .ofSamples: "layer normalisation"
      case .ofGroups: "group normalisation"
      }
    }
    package var operands: [NumberClass] { [.float, .like(0), .like(0)] }
    package var resultCount: Int { 3 }
    package var differentiable: [Int] { [0, 1, 2] }

    package func resultTypes(of operands: [TensorType]) throws(ProgramError) -> [TensorType] {
      let shape = operands[0].shape
      try require(shape.rank >= 2, "takes \(operands[0])")
      let channels = shape[shape.rank - 1]
      try require(operands.dropFirst().allSatisfy { $0.shape == [channels] }, "takes \(operands)")
      if case .ofGroups(let groups) = statistics {
        try require(groups > 0 && channels % groups == 0, "has \(groups) groups of \(operands[0])")
      }
      let count = TensorType(operands[0].number, count(of: shape))
      return [operands[0], count, count]
    }

    /// The shape of the means, and of the variances.
    private func count(of shape: Shape) -> Shape {
      switch statistics {
      case .ofChannels: [shape[shape.rank - 1]]
      case .ofSamples: [shape[0]]
      case .ofGroups(let groups): [shape[0] * groups]
      }
    }

    /// A shape of x in which each mean is over some axes, and these axes.
    private func view(of shape: Shape) -> (shape: Shape, axes: [Int]) {
      switch statistics {
      case .ofChannels: return (shape, Array(0..<shape.rank - 1))
      case .ofSamples: return (shape, Array(1..<shape.rank))
      case .ofGroups(let groups):
        let (samples, channels) = (shape[0], shape[shape.rank - 1])
        return (
          [samples, shape.count / (samples * channels), groups, channels / groups], [1, 3]
        )
      }
    }

    package func expand(_ operands: [Value], in builder: inout Builder) -> [Value] {
      let (scale, shift) = (operands[1], operands[2])
      let shape = builder.shape(of: operands[0])
      let view = view(of: shape)
      let x = builder.reshape(operands[0], view.shape)
      // The mean of x² minus the square of the mean would cancel where the mean is large.
      let mean = builder.mean(x, over: view.axes)
      let deviations = builder.subtract(x, builder.broadcast(mean, view.shape))
      let variance = builder.mean(builder.multiply(deviations, deviations), over: view.axes)
      let raised = builder.add(variance, builder.constant(epsilon, builder.type(of: variance)))
      let deviation = builder.broadcast(builder.emit(.unary(.sqrt), raised), view.shape)
      let normalised = builder.reshape(builder.divide(deviations, deviation), shape)
      let scaled = builder.multiply(normalised, builder.broadcast(scale, over: shape))
      return [
        builder.add(scaled, builder.broadcast(shift, over: shape)),
        builder.reshape(mean, count(of: shape)), builder.reshape(variance, count(of: shape)),
      ]
    }

    /// The sums first, then the gradient by x, which is orthogonal to 1 and to x.
    package func kernelGradients(
      _ operands: [Value], _ results: [Value], from gradient: Value, in builder: inout Builder
    ) -> [Value]? {
      let scale = operands[1]
      let shape = builder.shape(of: operands[0])
      let view = view(of: shape)
      let thin = view.shape.replacing(view.axes, with: 1)
      let (mean, variance) = (builder.reshape(results[1], thin), builder.reshape(results[2], thin))
      let x = builder.reshape(operands[0], view.shape)
      let deviations = builder.subtract(x, builder.broadcast(mean, view.shape))
      let raised = builder.add(variance, builder.constant(epsilon, builder.type(of: variance)))
      let inverse = builder.divide(
        builder.constant(1, builder.type(of: variance)), builder.emit(.unary(.sqrt), raised))
      let factor = builder.broadcast(inverse, view.shape)
      let g = builder.reshape(gradient, view.shape)
      let byScale = builder.multiply(builder.multiply(g, deviations), factor)
      let scaled = builder.reshape(
        builder.multiply(gradient, builder.broadcast(scale, over: shape)), view.shape)
      let level = builder.mean(scaled, over: view.axes)
      let slope = builder.multiply(
        builder.mean(builder.multiply(scaled, deviations), over: view.axes),
        builder.multiply(inverse, inverse))
      let common = builder.add(
        builder.broadcast(level, view.shape),
        builder.multiply(deviations, builder.broadcast(slope, view.shape)))
      return [
        builder.reshape(builder.multiply(builder.subtract(scaled, common), factor), shape),
        builder.sumOfRows(builder.reshape(byScale, shape)), builder.sumOfRows(gradient),
      ]
    }

    package func formula(_ x: [Formula]) -> Formula {
      .function("normalised", [x[0]]) * x[1] + x[2]
    }

    package func derivative(
      of operand: Int, _ x: [Formula], y: Formula, g: Formula
    ) -> Formula? {
      func mean(_ x: Formula) -> Formula { .function("mean", [x]) }
      let (normalised, h) = (Formula.function("normalised", [x[0]]), g * x[1])
      let deviation = Formula.function(
        "sqrt", [.function("variance", [x[0]]) + .number(epsilon)])
      let toInput = (h - mean(h) - normalised * mean(h * normalised)) / deviation
      return [toInput, .function("sum", [g * normalised]), .function("sum", [g])][operand]
    }
  }
}

extension Builder {
  mutating func mean(_ x: Value, over axes: [Int]) -> Value {
    let count = axes.reduce(1) { $0 * shape(of: x)[$1] }
    return multiply(sum(x, axes: axes), by: 1 / Double(count))
  }

  /// The sum over all axes but the last, as a vector.
  mutating func sumOfRows(_ x: Value) -> Value {
    let shape = shape(of: x)
    return reshape(sum(x, axes: Array(0..<shape.rank - 1)), [shape[shape.rank - 1]])
  }
}
