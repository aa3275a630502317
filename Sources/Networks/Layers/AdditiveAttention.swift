internal import Graphs

/// What a recurrent layer reads of a memory, a second sequence, beside each step of its input
/// (Bahdanau, Cho and Bengio 2015): the mean of the memory's steps, weighted by how they fit the
/// state before.
///
///     e_j = v·tanh(W·h + U·m_j + b)
///     c = Σ_j softmax(e)_j·m_j
struct AdditiveAttention {
  /// U·m + b of all steps, the memory, W and v, and what is added to the scores of steps that do
  /// not count, if not all do.
  private(set) var values: [Value]

  /// Its parameters, by their names without the layer.
  static let names = ["weight_query", "weight_memory", "bias_memory", "weight_score"]

  /// The same as other values: those inside a loop.
  func holding(_ values: some Sequence<Value>) -> AdditiveAttention {
    var attention = self
    attention.values = Array(values)
    return attention
  }

  /// Writes c for the states `[n, units]`.
  func context(for state: Value, in builder: inout Builder) -> Value {
    let (keys, memory, query, score) = (values[0], values[1], values[2], values[3])
    let shape = builder.shape(of: keys)
    let (count, steps, size) = (shape[0], shape[1], shape[2])
    let asked = builder.matrixProduct(state, query, transposeRight: true)
    let fits = builder.tanh(
      builder.add(keys, builder.broadcast(builder.reshape(asked, [count, 1, size]), shape)))
    var scores = builder.reshape(
      builder.matrixProduct(
        builder.reshape(fits, [count * steps, size]), score, transposeRight: true),
      [count, steps])
    if values.count > 4 {
      scores = builder.add(scores, values[4])
    }
    builder.name(scores, "e")
    let weights = builder.emit(.composite(.softmax), scores)
    builder.name(weights, "alpha")
    let context = builder.reshape(
      builder.matrixProduct(builder.reshape(weights, [count, 1, steps]), memory),
      [count, builder.shape(of: memory)[2]])
    builder.name(context, "context")
    return context
  }
}

extension RecurrentCell {
  /// Writes what is the same in every step: the attention to a memory `[n, steps, features]`.
  func attention(
    to memory: Value, size: Int, _ suffix: String, in pass: inout ForwardPass
  ) throws(Misfit) -> AdditiveAttention {
    let shape = pass.shape(of: memory)
    let (count, steps, features) = (shape[0], shape[1], shape[2])
    try pass.checkSize(of: [count, steps, size])
    let given = recurrence.weights.tensors
    func matrix(_ name: String, _ extents: Shape) throws(Misfit) -> Value {
      try pass.parameter(
        name + suffix, extents, .uniform(bound: 1 / Double(extents[extents.rank - 1]).squareRoot()),
        given: given[name], constraint: nil)
    }
    let query = try matrix("weight_query", [size, recurrence.units])
    let key = try matrix("weight_memory", [size, features])
    let bias = try pass.parameter(
      "bias_memory" + suffix, [size], .zeros, given: given["bias_memory"], constraint: nil)
    let score = try matrix("weight_score", [1, size])
    let rows = pass.builder.matrixProduct(
      pass.builder.reshape(memory, [count * steps, features]), key, transposeRight: true)
    let keys = pass.builder.reshape(
      pass.builder.add(rows, pass.builder.broadcast(bias, over: pass.shape(of: rows))),
      [count, steps, size])
    var values = [keys, memory, query, score]
    if let field = recurrence.memoryLengths {
      values.append(try pass.penalty(ofMemory: field, steps: steps))
    }
    return AdditiveAttention(values: values)
  }
}

extension ForwardPass {
  /// What hides steps of a memory behind the length of their sample, `[n, steps]`: -1e9, whose
  /// exponential is 0 beside that of any score, and 0 for the others.
  fileprivate mutating func penalty(
    ofMemory field: String, steps: Int
  ) throws(Misfit) -> Value {
    let lengths = try lengths(field, at: "memory_lengths", steps: steps)
    let mask = builder.emit(.permute([1, 0]), builder.mask(from: lengths, steps: steps))
    let shape = builder.shape(of: mask)
    return builder.emit(.select, mask, builder.constant(0, shape), builder.constant(-1e9, shape))
  }
}
