internal import Graphs

extension Draw {
  private static let far = Operand(
    .float32, [2, 3], [1000, 1001, 1002, -1000, 0, -500])

  mutating func softmaxCases() -> [OperationCase] {
    ([[5], [1, 1], [3, 4], [2, 3, 6]] as [Shape]).map {
      OperationCase(.composite(.softmax), [apart($0)])
    } + [
      OperationCase(.composite(.softmax), [Draw.far]),
      OperationCase(.composite(.softmax), [ties([4, 5])]),
    ]
  }

  mutating func softmaxCrossEntropyCases() -> [OperationCase] {
    ([[1, 1], [1, 4], [5, 3], [16, 10]] as [Shape]).map {
      OperationCase(
        .composite(.softmaxCrossEntropy), [apart($0), integers([$0[0]], below: $0[1])])
    } + [
      OperationCase(.composite(.softmaxCrossEntropy), [Draw.far, integers([2], below: 3)])
    ]
  }

  private static let normShapes: [Shape] = [
    [2, 1], [5, 3], [2, 2, 3, 2], [3, 4, 1, 17], [70, 2],
  ]

  mutating func normCases(
    epsilon: Double = 1e-5, _ composite: (Double) -> Composite
  ) -> [OperationCase] {
    Draw.normShapes.map { shape in
      let channels = Shape([shape[shape.rank - 1]])
      // The variance of one or two numbers is near 0, where its root is too steep to be compared.
      let epsilon = shape.count / shape[0] < 3 ? 0.5 : epsilon
      return OperationCase(
        .composite(composite(epsilon)), [apart(shape), floats(channels), floats(channels)])
    }
  }

  /// Gradients of composites from those of each result alone and of all: the results that go in are
  /// those of the operands, as in any program.
  mutating func compositeGradientCases() -> [OperationCase] {
    // Third derivatives are too steep to be compared where a small variance has a small epsilon.
    let cases =
      softmaxCases() + softmaxCrossEntropyCases()
      + normCases(epsilon: 0.25) { .batchNorm(epsilon: $0) }
      + normCases(epsilon: 0.25) { .layerNorm(epsilon: $0) }
    return cases.flatMap { `case` -> [OperationCase] in
      guard case .composite(let composite) = `case`.operation,
        let values = try? ReferenceEvaluator(`case`.program).evaluate(inputs: `case`.inputs)
      else { return [] }
      let program = `case`.program
      let results = program.outputs.compactMap { output in
        values[output.name].map { Operand(.float32, $0.shape, $0.elements) }
      }
      let alone = results.indices.map { [$0] }
      return (results.count > 1 ? alone + [Array(results.indices)] : alone).map { given in
        OperationCase(
          .composite(.gradient(of: composite, from: given)),
          `case`.operands + results + given.map { floats(results[$0].type.shape) })
      }
    }
  }
}
