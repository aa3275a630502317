extension Composite {
  /// Scaled dot-product attention (Vaswani and others 2017): for every query the mean of the
  /// values, weighted by the softmax of how well their keys fit.
  ///
  ///     s_ij = scale·q_i·k_j
  ///     y_i = Σ_j softmax(s_i)_j·v_j
  ///
  /// Operands q `[n, t, heads, d]`, k and v `[n, s, groups, d]`; each group of keys and values is
  /// read by `heads / groups` heads that follow each other. Then, if it continues a sequence, the
  /// keys and values of the steps before, `[n, context, groups, d]`, with t = s = 1. Then, if it
  /// has counts, int32 `[n]`: how many keys of each sample count, or how many steps were kept.
  ///
  /// Results: y; and the logarithms of the sums of e^s, `[n, t, heads]`, from which the gradient
  /// computes a block of weights again, so that no t x s matrix is in memory. A query that sees no
  /// key gets 0, and a logarithm of -1e30.
  package struct Attention: Hashable, Sendable {
    package let scale: Double
    /// Whether a query sees no key behind its own step.
    package let isCausal: Bool
    package let hasCounts: Bool
    /// Whether its keys and values are those of one step behind others that were kept.
    package let continues: Bool
    package let dropout: Dropout?

    /// Weights that are dropped, and the numbered stream of their random numbers
    /// `[n, heads, t, s]`.
    package struct Dropout: Hashable, Sendable {
      package let rate: Double
      package let stream: Int

      package init(rate: Double, stream: Int) {
        self.rate = rate
        self.stream = stream
      }
    }

    package init(
      scale: Double, isCausal: Bool = false, hasCounts: Bool = false, continues: Bool = false,
      dropout: Dropout? = nil
    ) {
      self.scale = scale
      self.isCausal = isCausal
      self.hasCounts = hasCounts
      self.continues = continues
      self.dropout = dropout
    }
  }
}

extension Composite.Attention: CompositeDefinition {
  package var text: String {
    var parts = ["scale \(scale)"]
    if isCausal { parts.append("causal") }
    if hasCounts { parts.append("counts") }
    if continues { parts.append("continues") }
    if let dropout { parts.append("dropout \(dropout.rate) of stream \(dropout.stream)") }
    return "attention(\(parts.joined(separator: ", ")))"
  }
  package var name: String { "attention" }
  package var operands: [NumberClass] {
    [.float] + [NumberClass](repeating: .like(0), count: continues ? 4 : 2)
      + (hasCounts ? [.only(.int32)] : [])
  }
  package var resultCount: Int { 2 }
  package var differentiable: [Int] { Array(0..<(continues ? 5 : 3)) }

  package func resultTypes(of operands: [TensorType]) throws(ProgramError) -> [TensorType] {
    let (q, k) = (operands[0].shape, operands[1].shape)
    try require(
      q.rank == 4 && k.rank == 4 && operands[2].shape == k && k[0] == q[0] && k[3] == q[3]
        && k[1] > 0 && k[2] > 0 && q[2] % k[2] == 0, "takes \(operands)")
    try require(!isCausal || k[1] == q[1], "is causal and takes \(operands)")
    if continues {
      let kept = operands[3].shape
      try require(
        hasCounts && !isCausal && dropout == nil && q[1] == 1 && k[1] == 1 && kept.rank == 4
          && operands[4].shape == kept && kept.replacing([1], with: 1) == k, "takes \(operands)")
    }
    if hasCounts {
      try require(operands[operands.count - 1].shape == [q[0]], "takes \(operands)")
    }
    return [operands[0], TensorType(operands[0].number, [q[0], q[1], q[2]])]
  }

  /// Of t x t scores a causal mask leaves t·(t + 1) / 2.
  package func share(of operands: [TensorType]) -> Double {
    let steps = Double(operands[0].shape[1])
    return isCausal ? (steps + 1) / (2 * steps) : 1
  }

  package func expand(_ operands: [Value], in builder: inout Builder) -> [Value] {
    expand(operands, of: nil, in: &builder)
  }

  /// `part` is the head that the operands are of, among how many.
  func expand(
    _ operands: [Value], of part: (head: Int, heads: Int)?, in builder: inout Builder
  ) -> [Value] {
    let (weights, logarithms) = weights(operands, in: &builder)
    return [
      output(dropped(weights, of: part, in: &builder), operands, in: &builder), logarithms,
    ]
  }

  /// Writes the weights `[n, heads, t, s]`, of which none is dropped, and the logarithms.
  package func weights(
    _ operands: [Value], in builder: inout Builder
  ) -> (weights: Value, logarithms: Value) {
    let scores = scores(operands, in: &builder)
    let thin = builder.shape(of: scores.values).replacing([3], with: 1)
    let shape = builder.shape(of: scores.values)
    let zero = builder.constant(0, builder.type(of: scores.values))
    let maximum = builder.emit(.reduce(.maximum, axes: [3]), scores.values)
    var powers = builder.emit(
      .unary(.exp), builder.subtract(scores.values, builder.broadcast(maximum, shape)))
    if let mask = scores.mask { powers = builder.emit(.select, mask, powers, zero) }
    var sums = builder.sum(powers, axes: [3])
    if scores.mask != nil {
      // A row without a key has weights of 0.
      let none = builder.constant(0, builder.type(of: sums))
      let one = builder.constant(1, builder.type(of: sums))
      sums = builder.emit(
        .select, builder.emit(.compare(.lessOrEqual), sums, none), one, sums)
    }
    let weights = builder.divide(powers, builder.broadcast(sums, shape))
    builder.name(weights, "weights")
    let logarithms = builder.add(maximum, builder.emit(.unary(.log), sums))
    return (
      weights,
      builder.emit(
        .permute([0, 2, 1]), builder.reshape(logarithms, Shape(Array(thin.extents.dropLast()))))
    )
  }

  /// From the logarithms that were saved, block by block.
  package func kernelGradients(
    _ operands: [Value], _ results: [Value], from gradient: Value, in builder: inout Builder
  ) -> [Value]? {
    guard !continues else { return nil }
    let scores = scores(operands, in: &builder)
    let shape = builder.shape(of: scores.values)
    let thin = shape.replacing([3], with: 1)
    let zero = builder.constant(0, builder.type(of: scores.values))
    func rows(_ x: Value) -> Value { builder.emit(.permute([0, 2, 1]), x) }
    let logarithms = builder.reshape(rows(results[1]), thin)
    var weights = builder.emit(
      .unary(.exp), builder.subtract(scores.values, builder.broadcast(logarithms, shape)))
    if let mask = scores.mask { weights = builder.emit(.select, mask, weights, zero) }
    // Σ g·y of a query is Σ_j weight_j·(slope of weight_j).
    let along = builder.reshape(
      rows(
        builder.reshape(
          builder.sum(builder.multiply(gradient, results[0]), axes: [3]),
          builder.shape(of: results[1]))), thin)
    let (g, v) = (grouped(gradient, operands, in: &builder), heads(operands[2], in: &builder))
    let slopes = dropped(
      builder.reshape(builder.matrixProduct(g, v, transposeRight: true), shape), in: &builder)
    let byScores = builder.multiply(
      builder.multiply(weights, builder.subtract(slopes, builder.broadcast(along, shape))),
      by: scale)
    let (q, k) = (grouped(operands[0], operands, in: &builder), heads(operands[1], in: &builder))
    let grid = Shape([shape[0], builder.shape(of: k)[1], builder.shape(of: q)[2], shape[3]])
    let byGroup = builder.reshape(byScores, grid)
    let used = builder.reshape(dropped(weights, in: &builder), grid)
    let toQueries = builder.reshape(
      builder.matrixProduct(byGroup, k),
      Shape([shape[0], shape[1], shape[2], builder.shape(of: k)[3]]))
    func steps(_ x: Value) -> Value { builder.emit(.permute([0, 2, 1, 3]), x) }
    return [
      steps(toQueries), steps(builder.matrixProduct(byGroup, q, transposeLeft: true)),
      steps(builder.matrixProduct(used, g, transposeLeft: true)),
    ]
  }

  package func formula(_ x: [Formula]) -> Formula { .matrixProduct(weights(x), x[2]) }

  package func derivative(of operand: Int, _ x: [Formula], y: Formula, g: Formula) -> Formula? {
    let slopes = Formula.matrixProduct(g, .transposed(x[2])) - .function("sum", [g * y])
    let byScores = .number(scale) * (weights(x) * slopes)
    switch operand {
    case 0: return .matrixProduct(byScores, x[1])
    case 1, 3: return .matrixProduct(.transposed(byScores), x[0])
    case 2, 4: return .matrixProduct(.transposed(weights(x)), g)
    default: return nil
    }
  }

  private func weights(_ x: [Formula]) -> Formula {
    .function("softmax", [.number(scale) * .matrixProduct(x[0], .transposed(x[1]))])
  }

  /// The scores `[n, heads, t, s]`, those of hidden keys far below all others, and which keys are
  /// seen, if some are not.
  private func scores(
    _ operands: [Value], in builder: inout Builder
  ) -> (values: Value, mask: Value?) {
    let (q, k) = (grouped(operands[0], operands, in: &builder), keys(operands, in: &builder))
    let (queries, steps) = (builder.shape(of: operands[0]), builder.shape(of: k)[2])
    let shape = Shape([queries[0], queries[2], queries[1], steps])
    let products = builder.matrixProduct(q, k, transposeRight: true)
    builder.name(products, "scores")
    let scores = builder.multiply(builder.reshape(products, shape), by: scale)
    builder.name(scores, "scaled")
    var masks: [Value] = []
    let key = builder.broadcast(builder.reshape(builder.indices(steps), [1, 1, 1, steps]), shape)
    if isCausal {
      let query = builder.reshape(builder.indices(queries[1]), [1, 1, queries[1], 1])
      masks.append(
        builder.emit(.compare(.lessOrEqual), key, builder.broadcast(query, shape)))
    }
    if hasCounts {
      let counts = builder.broadcast(
        builder.reshape(operands[operands.count - 1], [queries[0], 1, 1, 1]), shape)
      masks.append(builder.emit(.compare(continues ? .lessOrEqual : .less), key, counts))
    }
    guard let first = masks.first else { return (scores, nil) }
    let mask = masks.dropFirst().reduce(first) {
      builder.emit(.select, $0, $1, $0)
    }
    let hidden = builder.constant(-1e30, builder.type(of: scores))
    let masked = builder.emit(.select, mask, scores, hidden)
    builder.name(masked, "masked")
    return (masked, mask)
  }

  private func keys(_ operands: [Value], in builder: inout Builder) -> Value {
    heads(all(operands, 1, in: &builder), in: &builder)
  }

  /// The keys or values of all steps: that of this step stands behind those that were kept.
  private func all(_ operands: [Value], _ place: Int, in builder: inout Builder) -> Value {
    guard continues else { return operands[place] }
    let kept = operands[place + 2]
    let shape = builder.shape(of: kept)
    let steps = builder.broadcast(
      builder.reshape(builder.indices(shape[1]), [1, shape[1], 1, 1]), shape)
    let counts = builder.broadcast(
      builder.reshape(operands[operands.count - 1], [shape[0], 1, 1, 1]), shape)
    let isOwn = builder.emit(.compare(.equal), steps, counts)
    return builder.emit(.select, isOwn, builder.broadcast(operands[place], shape), kept)
  }

  /// `[n, steps, groups, d]` as `[n, groups, steps, d]`.
  private func heads(_ x: Value, in builder: inout Builder) -> Value {
    builder.emit(.permute([0, 2, 1, 3]), x)
  }

  /// `[n, t, heads, d]` as `[n, groups, heads / groups · t, d]`.
  private func grouped(_ x: Value, _ operands: [Value], in builder: inout Builder) -> Value {
    let shape = builder.shape(of: x)
    let groups = builder.shape(of: operands[1])[2]
    return builder.reshape(
      heads(x, in: &builder), [shape[0], groups, shape[2] / groups * shape[1], shape[3]])
  }

  /// The mean of the values, `[n, t, heads, d]`.
  private func output(
    _ weights: Value, _ operands: [Value], in builder: inout Builder
  ) -> Value {
    let shape = builder.shape(of: weights)
    let v = heads(all(operands, 2, in: &builder), in: &builder)
    let (groups, size) = (builder.shape(of: v)[1], builder.shape(of: v)[3])
    let rows = builder.reshape(
      weights, [shape[0], groups, shape[1] / groups * shape[2], shape[3]])
    let means = builder.matrixProduct(rows, v)
    builder.name(means, "means")
    return builder.emit(
      .permute([0, 2, 1, 3]), builder.reshape(means, [shape[0], shape[1], shape[2], size]))
  }

  /// Weights with some set to 0 and the others scaled, as they are in training.
  private func dropped(
    _ weights: Value, of part: (head: Int, heads: Int)? = nil, in builder: inout Builder
  ) -> Value {
    guard let dropout else { return weights }
    let type = builder.type(of: weights)
    var draws = builder.random(
      stream: dropout.stream, part.map { type.shape.replacing([1], with: $0.heads) } ?? type.shape)
    if let part { draws = builder.slice(draws, axis: 1, part.head..<part.head + 1) }
    let isKept = builder.emit(
      .compare(.lessOrEqual), builder.constant(dropout.rate, type.shape), draws)
    let scaled = builder.multiply(weights, by: 1 / (1 - dropout.rate))
    return builder.emit(.select, isKept, scaled, builder.constant(0, type))
  }
}

extension Builder {
  /// 0, 1, 2 and so on, int32 `[count]`.
  package mutating func indices(_ count: Int) -> Value {
    let type = TensorType(.int32, [1])
    let stacked = scan(over: [], axis: 0, from: [constant(0, type)], steps: count) {
      body, carries, _, _ in
      ([body.add(carries[0], body.constant(1, type))], [carries[0]])
    }.results[0]
    return reshape(stacked, [count])
  }
}
