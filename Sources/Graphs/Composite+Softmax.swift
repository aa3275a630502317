struct Softmax: CompositeDefinition {
  var arity: Int { 1 }
  var resultCount: Int { 1 }
  var differentiable: [Int] { [0] }

  func resultTypes(of operands: [TensorType]) throws(ProgramError) -> [TensorType] {
    try require(operands[0].shape.rank > 0, "takes \(operands[0])")
    return operands
  }

  func expand(_ operands: [Value], in builder: inout Builder) -> [Value] {
    let shape = builder.shape(of: operands[0])
    let powers = builder.emit(.unary(.exp), builder.belowMaximum(operands[0]))
    let sums = builder.sum(powers, axes: [shape.rank - 1])
    return [builder.divide(powers, builder.broadcast(sums, shape))]
  }
}

/// The softmax is saved: the gradient is that minus the one-hot labels.
struct SoftmaxCrossEntropy: CompositeDefinition {
  var arity: Int { 2 }
  var resultCount: Int { 2 }
  var differentiable: [Int] { [0] }

  func resultTypes(of operands: [TensorType]) throws(ProgramError) -> [TensorType] {
    let (logits, labels) = (operands[0], operands[1])
    try require(
      logits.shape.rank == 2 && labels.shape == [logits.shape[0]], "takes \(operands)")
    return [TensorType(logits.number, labels.shape), logits]
  }

  func expand(_ operands: [Value], in builder: inout Builder) -> [Value] {
    let shape = builder.shape(of: operands[0])
    let shifted = builder.belowMaximum(operands[0])
    let powers = builder.emit(.unary(.exp), shifted)
    let sums = builder.sum(powers, axes: [1])
    let target = builder.oneHot(operands[1], like: operands[0])
    let picked = builder.sum(builder.multiply(target, shifted), axes: [1])
    let losses = builder.subtract(builder.emit(.unary(.log), sums), picked)
    return [
      builder.reshape(losses, [shape[0]]), builder.divide(powers, builder.broadcast(sums, shape)),
    ]
  }

  func kernelGradients(
    _ operands: [Value], _ results: [Value], from gradient: Value, in builder: inout Builder
  ) -> [Value]? {
    let shape = builder.shape(of: operands[0])
    let factor = builder.broadcast(builder.reshape(gradient, [shape[0], 1]), shape)
    let target = builder.oneHot(operands[1], like: operands[0])
    return [
      builder.subtract(
        builder.multiply(results[1], factor), builder.multiply(target, factor))
    ]
  }
}

extension Builder {
  /// Labels as rows of the logits' shape and type.
  fileprivate mutating func oneHot(_ labels: Value, like logits: Value) -> Value {
    let type = type(of: logits)
    return emit(.convert(type.number), emit(.oneHot(classes: type.shape[1]), labels))
  }

  /// x minus the maximum of its row: an exponential of it cannot overflow.
  fileprivate mutating func belowMaximum(_ x: Value) -> Value {
    let shape = shape(of: x)
    let maximum = emit(.reduce(.maximum, axes: [shape.rank - 1]), x)
    return subtract(x, broadcast(maximum, shape))
  }
}
