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
  }
}
