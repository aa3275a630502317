extension Composite {
  /// Along the last axis.
  package struct Softmax: CompositeDefinition {
    package var text: String { "softmax" }
    package var name: String { "softmax" }
    package var operands: [NumberClass] { [.float] }
    package var resultCount: Int { 1 }
    package var differentiable: [Int] { [0] }

    package func resultTypes(of operands: [TensorType]) throws(ProgramError) -> [TensorType] {
      try require(operands[0].shape.rank > 0, "takes \(operands[0])")
      return operands
    }

    package func expand(_ operands: [Value], in builder: inout Builder) -> [Value] {
      let shape = builder.shape(of: operands[0])
      let powers = builder.emit(.unary(.exp), builder.belowMaximum(operands[0]))
      let sums = builder.sum(powers, axes: [shape.rank - 1])
      return [builder.divide(powers, builder.broadcast(sums, shape))]
    }

    package func formula(_ x: [Formula]) -> Formula { .function("softmax", x) }

    package func derivative(of _: Int, _ x: [Formula], y: Formula, g: Formula) -> Formula? {
      y * (g - .function("sum", [g * y]))
    }
  }

  /// Operands logits `[n, classes]`, labels `[n]`.
  ///
  /// Results: the loss of each sample, and the softmax, which is saved: the gradient is that minus
  /// the one-hot labels.
  package struct SoftmaxCrossEntropy: CompositeDefinition {
    package var text: String { "softmaxCrossEntropy" }
    package var name: String { "softmax and cross entropy" }
    package var operands: [NumberClass] { [.float, .only(.int32)] }
    package var resultCount: Int { 2 }
    package var differentiable: [Int] { [0] }

    package func resultTypes(of operands: [TensorType]) throws(ProgramError) -> [TensorType] {
      let (logits, labels) = (operands[0], operands[1])
      try require(
        logits.shape.rank == 2 && labels.shape == [logits.shape[0]], "takes \(operands)")
      return [TensorType(logits.number, labels.shape), logits]
    }

    package func expand(_ operands: [Value], in builder: inout Builder) -> [Value] {
      let shape = builder.shape(of: operands[0])
      let shifted = builder.belowMaximum(operands[0])
      let powers = builder.emit(.unary(.exp), shifted)
      let sums = builder.sum(powers, axes: [1])
      let target = builder.oneHot(operands[1], like: operands[0])
      let picked = builder.sum(builder.multiply(target, shifted), axes: [1])
      let losses = builder.subtract(builder.emit(.unary(.log), sums), picked)
      return [
        builder.reshape(losses, [shape[0]]),
        builder.divide(powers, builder.broadcast(sums, shape)),
      ]
    }

    package func kernelGradients(
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

    package func formula(_ x: [Formula]) -> Formula {
      let logarithms = Formula.function("log", [.function("softmax", [x[0]])])
      return -.function("sum", [.function("onehot", [x[1]]) * logarithms])
    }

    package func derivative(of _: Int, _ x: [Formula], y: Formula, g: Formula) -> Formula? {
      g * (.function("softmax", [x[0]]) - .function("onehot", [x[1]]))
    }
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
