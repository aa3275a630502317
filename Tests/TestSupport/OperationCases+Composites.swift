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

  mutating func normCases(_ composite: (Double) -> Composite) -> [OperationCase] {
    Draw.normShapes.map { shape in
      let channels = Shape([shape[shape.rank - 1]])
      // The variance of one or two numbers is near 0, where its root is too steep to be compared.
      let epsilon = shape.count / shape[0] < 3 ? 0.5 : 1e-5
      return OperationCase(
        .composite(composite(epsilon)), [apart(shape), floats(channels), floats(channels)])
    }
  }

  mutating func statisticCases(_ composite: Composite) -> [OperationCase] {
    Draw.normShapes.map { OperationCase(.composite(composite), [floats($0)]) }
  }

  mutating func compositeGradientCases() -> [OperationCase] {
    softmaxCases().map { `case` in
      OperationCase(
        .composite(.gradient(of: .softmax, operand: 0)),
        `case`.operands + [floats(`case`.operands[0].type.shape)])
    }
      + softmaxCrossEntropyCases().map { `case` in
        OperationCase(
          .composite(.gradient(of: .softmaxCrossEntropy, operand: 0)),
          `case`.operands + [floats(`case`.operands[1].type.shape)])
      }
      + (normCases { .batchNorm(epsilon: $0) } + normCases { .layerNorm(epsilon: $0) })
      .flatMap { `case` -> [OperationCase] in
        guard case .composite(let composite) = `case`.operation else { return [] }
        return (0..<3).map { operand in
          OperationCase(
            .composite(.gradient(of: composite, operand: operand)),
            `case`.operands + [floats(`case`.operands[0].type.shape)])
        }
      }
  }
}
