internal import Graphs

extension OperationCase {
  /// Small instances of every operation.
  package static let all: [OperationCase] = OperationKind.allCases.flatMap { $0.cases }
}

extension OperationKind {
  /// Small instances of this operation, the same at every call.
  package var cases: [OperationCase] {
    var draw = Draw()
    switch self {
    case .input: return leaves(.input("x"), NumberType.allCases)
    case .parameter: return leaves(.parameter("x"), [.float32])
    case .constant:
      return [0, -0.0, 1.5, -3e7].flatMap { leaves(.constant($0), [.float32]) }
        + [1.5, -0.0, -0x1.fep127].flatMap { leaves(.constant($0), [.bfloat16]) }
        + [-2_147_483_648, 2_147_483_647].flatMap { leaves(.constant($0), [.int32]) }
        + leaves(.constant(255), [.uint8])
    case .random: return leaves(.random(stream: 3), [.float32])
    case .unary: return draw.unaryCases()
    case .binary: return draw.binaryCases()
    case .compare: return draw.compareCases()
    case .select: return draw.selectCases()
    case .convert: return draw.convertCases()
    case .reduce: return draw.reduceCases()
    case .reshape: return draw.reshapeCases()
    case .permute: return draw.permuteCases()
    case .broadcast: return draw.broadcastCases()
    case .slice: return draw.sliceCases()
    case .pad: return draw.padCases()
    case .concatenate: return draw.concatenateCases()
    case .reverse: return draw.reverseCases()
    case .gather: return draw.gatherCases()
    case .scatterAdd: return draw.scatterAddCases()
    case .oneHot: return draw.oneHotCases()
    case .matrixProduct: return draw.matrixProductCases()
    case .convolution: return draw.convolutionCases()
    case .convolutionInputGradient: return draw.convolutionInputGradientCases()
    case .convolutionFilterGradient: return draw.convolutionFilterGradientCases()
    case .maxPool: return draw.maxPoolCases()
    case .poolGather: return draw.poolGatherCases()
    case .poolScatter: return draw.poolScatterCases()
    case .poolSum: return draw.poolSumCases()
    case .poolSpread: return draw.poolSpreadCases()
    case .scan: return draw.scanCases()
    case .composite: return draw.compositeCases()
    case .compositeGradient: return draw.compositeGradientCases()
    }
  }

  private func leaves(_ operation: Operation, _ numbers: [NumberType]) -> [OperationCase] {
    numbers.flatMap { number in
      [Shape([]), [5], [2, 3, 4]].map { OperationCase(operation, leaf: TensorType(number, $0)) }
    }
  }
}

/// Draws operands.
struct Draw {
  var generator = XorShift(seed: 0x9E37_79B9_7F4A_7C15)

  mutating func floats(_ shape: Shape, in range: ClosedRange<Double> = -2...2) -> Operand {
    Operand(.float32, shape, (0..<shape.count).map { _ in generator.number(in: range) })
  }

  /// Numbers that are all at least 1/16 apart, and from 0: no maximum changes near them.
  mutating func apart(_ shape: Shape) -> Operand {
    let steps = (0..<shape.count).map { Double($0 - shape.count / 2) + 0.5 }
    return Operand(.float32, shape, steps.shuffled(using: &generator).map { $0 / 8 })
  }

  /// Few different numbers, so that many are equal.
  mutating func ties(_ shape: Shape, _ number: NumberType = .float32) -> Operand {
    integers(shape, below: 3, number)
  }

  mutating func integers(
    _ shape: Shape, below bound: Int, _ number: NumberType = .int32
  ) -> Operand {
    Operand(
      number, shape, (0..<shape.count).map { _ in Double(generator.integer(in: 0...bound - 1)) })
  }

  mutating func shape(rank: Int) -> Shape {
    Shape((0..<rank).map { _ in generator.integer(in: 1...4) })
  }

  /// A tensor of any number type, for operations that only move elements.
  mutating func any(_ shape: Shape, _ number: NumberType) -> Operand {
    switch number {
    case .float32: floats(shape)
    case .bfloat16: halves(shape)
    case .int32, .uint8: integers(shape, below: 100, number)
    }
  }

  /// Numbers that bfloat16 holds.
  mutating func halves(_ shape: Shape, in range: ClosedRange<Double> = -2...2) -> Operand {
    Operand(
      .bfloat16, shape, floats(shape, in: range).value.elements.map(NumberType.bfloat16.nearest))
  }
}
