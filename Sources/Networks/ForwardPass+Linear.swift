internal import Graphs

extension ForwardPass {
  /// x·Wᵀ + b along the last axis, with W `[outputs, inputs]` and b `[outputs]`.
  ///
  /// `name` goes before those of the parameters where a layer has several: `query/weight`.
  mutating func linear(
    _ x: Value, outputs: Int, under name: String = "", _ initialiser: Initialiser,
    given: Numbers? = nil, constraint: WeightConstraint? = nil, bias: Bias
  ) throws(Misfit) -> Value {
    let shape = shape(of: x)
    let inputs = shape[shape.rank - 1]
    let result = Shape(shape.extents.dropLast() + [outputs])
    try checkSize(of: result)
    let matrix = try parameter(
      joined(name, "weight"), [outputs, inputs],
      initialiser.distribution(fanIn: inputs, fanOut: outputs), given: given,
      constraint: constraint)
    let rows = builder.reshape(x, [shape.count / inputs, inputs])
    let y = try adapt(
      builder.matrixProduct(rows, matrix, transposeRight: true), of: rows, under: name)
    return builder.reshape(try add(bias, under: name, to: y), result)
  }
}
