internal import Graphs

/// The cases of `Composite` without what they hold, but for gradients.
///
/// As with `OperationKind`, a new composite does not compile until it has cases.
package enum CompositeKind: CaseIterable, Sendable {
  case softmax, softmaxCrossEntropy, batchNorm, layerNorm, groupNorm, rmsNorm, gelu, attention
  case selectiveScan

  init(_ composite: Composite) {
    switch composite {
    case .softmax: self = .softmax
    case .softmaxCrossEntropy: self = .softmaxCrossEntropy
    case .batchNorm: self = .batchNorm
    case .layerNorm: self = .layerNorm
    case .groupNorm: self = .groupNorm
    case .rmsNorm: self = .rmsNorm
    case .gelu: self = .gelu
    case .attention: self = .attention
    case .selectiveScan: self = .selectiveScan
    case .gradient(let composite, _): self.init(composite)
    }
  }
}

extension Draw {
  private mutating func cases(of kind: CompositeKind, epsilon: Double) -> [OperationCase] {
    switch kind {
    case .softmax: softmaxCases()
    case .softmaxCrossEntropy: softmaxCrossEntropyCases()
    case .batchNorm: normCases(epsilon) { .batchNorm(epsilon: $0) }
    case .layerNorm: normCases(epsilon) { .layerNorm(epsilon: $0) }
    case .groupNorm: groupNormCases(epsilon)
    case .rmsNorm: rmsNormCases(epsilon)
    case .gelu: Draw.geluCases
    case .attention: Draw.attentionCases
    case .selectiveScan: Draw.selectiveScanCases
    }
  }

  mutating func compositeCases(epsilon: Double = 1e-5) -> [OperationCase] {
    CompositeKind.allCases.flatMap { cases(of: $0, epsilon: epsilon) }
  }

  private static let far = Operand(
    .float32, [2, 3], [1000, 1001, 1002, -1000, 0, -500])

  private mutating func softmaxCases() -> [OperationCase] {
    ([[5], [1, 1], [3, 4], [2, 3, 6]] as [Shape]).map {
      OperationCase(.composite(.softmax), [apart($0)])
    } + [
      OperationCase(.composite(.softmax), [Draw.far]),
      OperationCase(.composite(.softmax), [ties([4, 5])]),
    ]
  }

  private mutating func softmaxCrossEntropyCases() -> [OperationCase] {
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

  private mutating func normCases(
    _ epsilon: Double, _ composite: (Double) -> Composite
  ) -> [OperationCase] {
    Draw.normShapes.map { shape in
      let channels = Shape([shape[shape.rank - 1]])
      let epsilon = Draw.epsilon(epsilon, numbers: shape.count / shape[0])
      return OperationCase(
        .composite(composite(epsilon)), [apart(shape), floats(channels), floats(channels)])
    }
  }

  /// The variance of one or two numbers is near 0, where its root is too steep to be compared.
  private static func epsilon(_ epsilon: Double, numbers: Int) -> Double {
    numbers < 3 ? 0.5 : epsilon
  }

  private mutating func groupNormCases(_ epsilon: Double) -> [OperationCase] {
    let shapes: [(Shape, groups: Int)] = [
      ([2, 1], 1), ([3, 6], 2), ([2, 2, 3, 4], 2), ([2, 3, 1, 3], 3), ([1, 70, 4], 2),
      ([2, 2, 18], 3),
    ]
    return shapes.map { shape, groups in
      let channels = Shape([shape[shape.rank - 1]])
      let epsilon = Draw.epsilon(epsilon, numbers: shape.count / (shape[0] * groups))
      return OperationCase(
        .composite(.groupNorm(epsilon: epsilon, groups: groups)),
        [apart(shape), floats(channels), floats(channels)])
    }
  }

  private mutating func rmsNormCases(_ epsilon: Double) -> [OperationCase] {
    ([[5], [2, 1], [5, 3], [2, 2, 3, 2], [3, 4, 17], [70, 2]] as [Shape]).map { shape in
      let columns = shape[shape.rank - 1]
      return OperationCase(
        .composite(.rmsNorm(epsilon: Draw.epsilon(epsilon, numbers: columns))),
        [apart(shape), floats([columns])])
    }
  }

  private static let geluCases: [OperationCase] = {
    var draw = Draw()
    return ([[], [5], [2, 17], [3, 4, 8]] as [Shape]).map {
      OperationCase(.composite(.gelu), [draw.floats($0, in: -4...4)])
    } + [OperationCase(.composite(.gelu), [Operand(.float32, [4], [0, -0.0, 30, -30])])]
  }()

  /// Without dropout, whose numbers differ from one way of running a program to another.
  private static let attentionCases: [OperationCase] = {
    var draw = Draw()
    return draw.attentions()
  }()

  private mutating func attentions() -> [OperationCase] {
    let plain = Composite.Attention(scale: 0.5)
    let causal = Composite.Attention(scale: 0.7, isCausal: true)
    let counting = Composite.Attention(scale: 0.5, hasCounts: true)
    let both = Composite.Attention(scale: -0.5, isCausal: true, hasCounts: true)
    return [
      attention(plain, queries: [1, 1, 1, 1], keys: [1, 1, 1, 1]),
      attention(plain, queries: [2, 3, 2, 2], keys: [2, 2, 2, 2]),
      attention(causal, queries: [2, 3, 2, 2], keys: [2, 3, 1, 2]),
      attention(counting, queries: [3, 2, 2, 1], keys: [3, 4, 1, 1], counts: [1, 2, 4]),
      attention(both, queries: [2, 3, 2, 2], keys: [2, 3, 2, 2], counts: [3, 1]),
      // The logarithms of rows without a key are too large for finite differences.
      attention(
        counting, queries: [2, 2, 1, 2], keys: [2, 3, 1, 2], counts: [0, 2], isSmooth: false),
      continuing([0, 2], context: 3, heads: 2),
      continuing([1], context: 2, heads: 1),
    ]
  }

  private mutating func attention(
    _ attention: Composite.Attention, queries: Shape, keys: Shape, counts: [Double]? = nil,
    isSmooth: Bool = true
  ) -> OperationCase {
    let counts = counts.map { [Operand(.int32, [$0.count], $0)] } ?? []
    return OperationCase(
      .composite(.attention(attention)), [floats(queries), floats(keys), floats(keys)] + counts,
      isSmooth: isSmooth)
  }

  /// A step behind as many others as `counts` says.
  private mutating func continuing(
    _ counts: [Double], context: Int, heads: Int
  ) -> OperationCase {
    let samples = counts.count
    let (own, kept) = (Shape([samples, 1, 1, 2]), Shape([samples, context, 1, 2]))
    return OperationCase(
      .composite(.attention(.init(scale: 0.5, hasCounts: true, continues: true))),
      [
        floats([samples, 1, heads, 2]), floats(own), floats(own), floats(kept), floats(kept),
        Operand(.int32, [samples], counts),
      ])
  }

  private static let selectiveScanCases: [OperationCase] = {
    var draw = Draw()
    return draw.selectiveScans()
  }()

  private mutating func selectiveScans() -> [OperationCase] {
    let sizes = [(samples: 1, steps: 1, states: 1, channels: 1), (2, 3, 2, 3), (1, 17, 1, 1)]
    return sizes.map { samples, steps, states, channels in
      let (u, rows) = (Shape([samples, steps, channels]), Shape([samples, steps, states]))
      return OperationCase(
        .composite(.selectiveScan),
        [
          floats(u), floats(u, in: 0.1...0.6), floats([states, channels], in: -2 ... -0.5),
          floats(rows), floats(rows), floats([samples, states, channels]),
        ])
    }
  }

  /// Gradients of composites from those of each result alone and of all: the results that go in are
  /// those of the operands, as in any program.
  mutating func compositeGradientCases() -> [OperationCase] {
    // Third derivatives are too steep to be compared where a small variance has a small epsilon.
    compositeCases(epsilon: 0.25).flatMap { `case` -> [OperationCase] in
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
