extension Composite {
  /// x times the share of a standard normal distribution below x (Hendrycks and Gimpel 2016), from
  /// erf.
  ///
  /// Results: y; its derivative, which has most of its computation in common with y.
  package struct GELU: CompositeDefinition {
    package var text: String { "gelu" }
    package var name: String { "GELU" }
    package var operands: [NumberClass] { [.float] }
    package var resultCount: Int { 2 }
    package var differentiable: [Int] { [0] }

    package func resultTypes(of operands: [TensorType]) -> [TensorType] {
      [operands[0], operands[0]]
    }

    package func expand(_ operands: [Value], in builder: inout Builder) -> [Value] {
      let x = operands[0]
      let root = builder.multiply(x, by: 0.5.squareRoot())
      let one = builder.constant(1, builder.type(of: x))
      let twice = builder.add(one, builder.emit(.unary(.erf), root))
      let square = builder.multiply(root, root)
      let power = builder.emit(.unary(.exp), builder.emit(.unary(.negate), square))
      let density = builder.multiply(power, by: 1 / (2 * Double.pi).squareRoot())
      return [
        builder.multiply(builder.multiply(x, by: 0.5), twice),
        builder.add(builder.multiply(twice, by: 0.5), builder.multiply(x, density)),
      ]
    }

    package func kernelGradients(
      _ operands: [Value], _ results: [Value], from gradient: Value, in builder: inout Builder
    ) -> [Value]? { [builder.multiply(gradient, results[1])] }

    private func twice(_ x: Formula) -> Formula {
      1 + .function("erf", [.number(0.5.squareRoot()) * x])
    }

    package func formula(_ x: [Formula]) -> Formula { .number(0.5) * x[0] * twice(x[0]) }

    package func derivative(
      of operand: Int, _ x: [Formula], y: Formula, g: Formula
    ) -> Formula? {
      let density =
        Formula.number(1 / (2 * Double.pi).squareRoot())
        * .function("exp", [-(x[0] * x[0] / 2)])
      return g * (.number(0.5) * twice(x[0]) + x[0] * density)
    }
  }
}
