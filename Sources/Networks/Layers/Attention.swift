package import Configuration
package import Diagnostics
package import Graphs

/// Several heads of scaled dot-product attention (Vaswani and others 2017): each step reads the
/// mean of the values of other steps, weighted by how well their keys fit its query.
package struct Attention: Layer, Configurable {
  package var heads: Int
  package var isCausal: Bool
  /// The number of heads of keys and values, each read by as many heads of queries; nil for
  /// `heads`.
  package var keyHeads: Int?
  package var rotary: Bool
  /// The layer or field that keys and values are made of; nil for the input itself.
  package var memory: String?
  /// The fields that hold the number of steps of each sample that count.
  package var lengths: String?
  package var memoryLengths: String?
  /// The share of weights that are dropped in training.
  package var dropout: Double
  package var bias: Bool
  package var initialiser: Initialiser
  /// Of the output's matrix; nil for `initialiser`.
  package var outputInitialiser: Initialiser?
  package var freeze: Frozen?
  package var constraint: WeightConstraint?

  package init(
    heads: Int, causal isCausal: Bool = false, keyHeads: Int? = nil, rotary: Bool = false,
    memory: String? = nil, lengths: String? = nil, memoryLengths: String? = nil,
    dropout: Double = 0, bias: Bool = true, initialiser: Initialiser = .xavierUniform,
    outputInitialiser: Initialiser? = nil
  ) {
    self.heads = heads
    self.isCausal = isCausal
    self.keyHeads = keyHeads
    self.rotary = rotary
    self.memory = memory
    self.lengths = lengths
    self.memoryLengths = memoryLengths
    self.dropout = dropout
    self.bias = bias
    self.initialiser = initialiser
    self.outputInitialiser = outputInitialiser
  }

  package static let schema = Schema(
    "attention", Attention(heads: 1), main: "heads",
    [
      Property(
        "heads", \.heads, .integer(in: 1...65_536), isRequired: true,
        help: "How many heads share the features, each with as many."),
      Property(
        "causal", \.isCausal, help: "Whether a step reads itself and those before it alone."),
      Property(
        "kv_heads", \.keyHeads, .integer(in: 1...65_536),
        help: "How many heads keys and values have, each read by several heads of queries; as many"
          + " as heads if left out."),
      Property(
        "rotary", \.rotary,
        help: "Whether queries and keys are turned by the place of their step, so that scores "
          + "depend on distances (Su and others 2021); the features of a head must be even."),
      Property(
        "memory", \.memory,
        help: "The earlier layer or field that keys and values are made of; its input if left "
          + "out."),
      Property(
        "lengths", \.lengths,
        help: "The field of the data that says how many steps of a sample count: later ones are "
          + "not read. All of them if left out."),
      Property(
        "memory_lengths", \.memoryLengths,
        help: "The field of the data that says how many steps of the memory count."),
      Property(
        "dropout", \.dropout, .number(in: .from(0, below: 1)),
        help: "The share of weights dropped while training."),
      Property(
        "bias", \.bias, help: "Whether queries, keys, values and outputs add learned numbers."),
      Property("init", \.initialiser, help: "How the first weights are drawn."),
      Property(
        "output_init", \.outputInitialiser,
        help: "How those of the output's matrix are drawn: the same if left out."),
      .freeze(\.freeze), .constraint(\.constraint),
    ],
    help: "Each step reads the others, or those of a memory, by how well their keys fit its query.")

  package func check(_ settings: Settings) throws(Failure) {
    if let keyHeads, heads % keyHeads != 0 {
      throw settings.failure(
        at: "kv_heads",
        "\(heads) heads cannot share \(keyHeads) heads of keys and values equally: expected a "
          + "number that divides \(heads)")
    }
    if memory == nil {
      guard memoryLengths == nil else {
        throw settings.failure(
          at: "memory_lengths", "are those of a memory: name it with memory, or take lengths")
      }
    } else {
      for (key, isSet) in [
        ("causal", isCausal), ("rotary", rotary), ("lengths", lengths != nil),
      ] where isSet {
        throw settings.failure(
          at: key, "is for attention to its own steps: leave it out beside memory")
      }
    }
  }

  package func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    let x = try pass.sequence(x)
    let shape = pass.shape(of: x)
    let (count, steps, features) = (shape[0], shape[1], shape[2])
    try checkFeatures(features)
    let size = features / heads
    let memory = try memory(beside: features, in: &pass)
    let source = memory ?? x
    let groups = keyHeads ?? heads
    func projection(
      _ name: String, of x: Value, _ count: Int
    ) throws(Misfit) -> Value {
      let shape = pass.shape(of: x)
      let rows = try pass.linear(
        x, outputs: count * size, under: name, initialiser, constraint: constraint,
        bias: bias ? .zeros : .none)
      pass.builder.name(pass.builder.unshaped(rows), name)
      return pass.builder.reshape(rows, [shape[0], shape[1], count, size])
    }
    var query = try projection("query", of: x, heads)
    var key = try projection("key", of: source, groups)
    let value = try projection("value", of: source, groups)
    if rotary {
      let places = RotaryPlaces(steps: steps, size: size, in: &pass)
      query = places.turned(query, in: &pass.builder)
      key = places.turned(key, in: &pass.builder)
    }
    var operands = [query, key, value]
    let context = memory == nil ? pass.context : nil
    let continues = context != nil && pass.isStep
    if let context {
      guard isCausal else {
        throw Misfit(
          "reads later steps, too: a network with it cannot go step by step unless it has "
            + "causal: true", at: "causal")
      }
      pass.keep("keys", key, context: context)
      pass.keep("values", value, context: context)
      if continues {
        operands += [
          pass.kept("keys", like: key, context: context),
          pass.kept("values", like: value, context: context), pass.position(),
        ]
      }
    } else if let field = memory == nil ? lengths : memoryLengths {
      var counts = try pass.lengths(
        field, at: memory == nil ? "lengths" : "memory_lengths",
        steps: pass.shape(of: source)[1])
      if pass.isStep {
        // What stays the same in every step is kept as real numbers.
        counts = pass.builder.emit(
          .convert(.int32), pass.builder.emit(.convert(.float32), counts))
      }
      operands.append(counts)
    }
    let composite = Composite.Attention(
      scale: 1 / Double(size).squareRoot(), isCausal: isCausal && !continues,
      hasCounts: operands.count > 3, continues: continues, dropout: try dropped(in: &pass))
    if continues || !pass.isStep {
      pass.attention.append((pass.place.path, composite, operands))
    }
    let y = pass.builder.emit(.composite(.attention(composite)), operands)
    return try pass.linear(
      pass.builder.reshape(y, [count, steps, features]), outputs: features, under: "output",
      outputInitialiser ?? initialiser, constraint: constraint, bias: bias ? .zeros : .none)
  }

  /// Refuses features that heads cannot share.
  func checkFeatures(_ features: Int) throws(Misfit) {
    guard features % heads == 0 else {
      throw Misfit(
        "\(features) features cannot be shared by \(heads) heads equally: expected a number that "
          + "divides \(features)", at: "heads")
    }
    let size = features / heads
    guard !rotary || size % 2 == 0 else {
      throw Misfit(
        "turns pairs of features and each head has \(size), an odd number: take other heads, or "
          + "leave rotary out", at: "rotary")
    }
  }

  /// The sequence that keys and values are made of, if it is another one.
  private func memory(
    beside features: Int, in pass: inout ForwardPass
  ) throws(Misfit) -> Value? {
    guard let memory else { return nil }
    let value = try pass.sequence(try pass.input(memory, at: "memory").value, at: "memory")
    let width = pass.shape(of: value)[2]
    guard width == features else {
      throw Misfit(
        "'\(memory)' has \(width) features a step and the sequence has \(features): put "
          + "'dense: \(features)' behind it", at: "memory")
    }
    return value
  }

  private func dropped(in pass: inout ForwardPass) throws(Misfit) -> Composite.Attention.Dropout? {
    guard pass.isTraining, dropout > 0 else { return nil }
    guard pass.batches == 1 else {
      throw Misfit(
        "drops weights of one batch, and a critic reads several: put a dropout layer behind it",
        at: "dropout")
    }
    return Composite.Attention.Dropout(rate: dropout, stream: try pass.stream())
  }
}

extension Builder {
  /// What a reshape gives another shape.
  fileprivate func unshaped(_ value: Value) -> Value {
    guard case .reshape = instructions[value.index].operation else { return value }
    return unshaped(instructions[value.index].operands[0])
  }
}
