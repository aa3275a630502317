extension Composite {
  /// Operands x `[..., c]`, scale `[c]`.
  ///
  /// Results: x divided by the root mean square of its row along the last axis, times the scale;
  /// the mean squares, one for each row.
  ///
  /// Epsilon is added to the mean square before its root is taken.
  package struct RMSNorm: CompositeDefinition {
    package let epsilon: Double

    package var text: String { "rmsNorm(epsilon \(epsilon))" }
    package var name: String { "RMS normalisation" }
    package var operands: [NumberClass] { [.float, .like(0)] }
    package var resultCount: Int { 2 }
    package var differentiable: [Int] { [0, 1] }

    package func resultTypes(of operands: [TensorType]) throws(ProgramError) -> [TensorType] {
      let shape = operands[0].shape
      try require(
        shape.rank >= 1 && operands[1].shape == [shape[shape.rank - 1]], "takes \(operands)")
      let rows: Shape = [shape.count / shape[shape.rank - 1]]
      return [operands[0], TensorType(operands[0].number, rows)]
    }

    package func expand(_ operands: [Value], in builder: inout Builder) -> [Value] {
      let (x, scale) = (operands[0], operands[1])
      let shape = builder.shape(of: x)
      let square = builder.mean(builder.multiply(x, x), over: [shape.rank - 1])
      let normalised = builder.multiply(x, factor(square, shape, in: &builder))
      return [
        builder.multiply(normalised, builder.broadcast(scale, over: shape)),
        builder.reshape(square, [builder.shape(of: square).count]),
      ]
    }

    /// 1 over the root of the mean squares, for each element.
    private func factor(_ square: Value, _ shape: Shape, in builder: inout Builder) -> Value {
      let type = builder.type(of: square)
      let root = builder.emit(
        .unary(.sqrt), builder.add(square, builder.constant(epsilon, type)))
      return builder.broadcast(builder.divide(builder.constant(1, type), root), shape)
    }

    package func kernelGradients(
      _ operands: [Value], _ results: [Value], from gradient: Value, in builder: inout Builder
    ) -> [Value]? {
      let (x, scale) = (operands[0], operands[1])
      let shape = builder.shape(of: x)
      let rows = shape.replacing([shape.rank - 1], with: 1)
      let factor = factor(builder.reshape(results[1], rows), shape, in: &builder)
      let scaled = builder.multiply(gradient, builder.broadcast(scale, over: shape))
      let along = builder.broadcast(
        builder.mean(builder.multiply(scaled, x), over: [shape.rank - 1]), shape)
      let slope = builder.multiply(along, builder.multiply(factor, factor))
      let rest = builder.subtract(scaled, builder.multiply(x, slope))
      return [
        builder.multiply(rest, factor),
        builder.sumOfRows(builder.multiply(gradient, builder.multiply(x, factor))),
      ]
    }

    private func rms(_ x: Formula) -> Formula {
      .function("sqrt", [.function("mean", [x * x]) + .number(epsilon)])
    }

    package func formula(_ x: [Formula]) -> Formula { x[0] / rms(x[0]) * x[1] }

    package func derivative(
      of operand: Int, _ x: [Formula], y: Formula, g: Formula
    ) -> Formula? {
      let (normalised, h) = (x[0] / rms(x[0]), g * x[1])
      let toInput = (h - normalised * .function("mean", [h * normalised])) / rms(x[0])
      return [toInput, .function("sum", [g * normalised])][operand]
    }
  }
}
