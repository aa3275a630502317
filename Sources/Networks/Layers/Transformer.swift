package import Configuration
package import Diagnostics
package import Graphs

/// The blocks of a Transformer (Vaswani and others 2017): attention, attention to a memory if there
/// is one, and two dense layers, each added to its input.
///
/// It is a short way to write a `repeat` of layers, and has their names.
package struct Transformer: BlockLayer, Configurable {
  package var times: Int
  package var heads: Int
  package var isCausal = false
  package var keyHeads: Int?
  package var rotary = false
  package var memory: String?
  package var lengths: String?
  package var memoryLengths: String?
  package var dropout = 0.0
  /// The units between the two dense layers; nil for four times the features.
  package var hidden: Int?
  package var activation = Activation.gelu
  package var norm = Norm.layernorm
  package var order = Order.pre
  package var bias = true
  package var initialiser = Initialiser.normal(deviation: 0.02)
  package var freeze: Frozen?

  package enum Activation: String, CaseIterable, SettingValue {
    case gelu, relu, swiglu
  }

  package enum Norm: String, CaseIterable, SettingValue {
    case layernorm, rmsnorm
  }

  package enum Order: String, CaseIterable, SettingValue {
    case pre, post
  }

  package init(blocks times: Int, heads: Int) {
    self.times = times
    self.heads = heads
  }

  package static let schema = Schema(
    "transformer", Transformer(blocks: 1, heads: 1),
    [
      Property(
        "blocks", \.times, .integer(in: 1...10_000), isRequired: true, help: "The number of blocks."
      ),
      Property(
        "heads", \.heads, .integer(in: 1...65_536), isRequired: true, help: "Of each attention."),
      Property(
        "causal", \.isCausal,
        help: "Whether a step reads itself and those before it alone, as in a decoder."),
      Property(
        "kv_heads", \.keyHeads, .integer(in: 1...65_536),
        help: "The heads of keys and values of each attention; as many as heads if left out."),
      Property(
        "rotary", \.rotary,
        help: "Whether queries and keys are turned by the place of their step; positions are not "
          + "needed then."),
      Property(
        "memory", \.memory,
        help: "The earlier layer that each block also attends to: the encoder of a decoder."),
      Property(
        "lengths", \.lengths,
        help: "The field of the data that says how many steps of a sample count; all of them if "
          + "left out."),
      Property(
        "memory_lengths", \.memoryLengths,
        help: "The field of the data that says how many steps of the memory count."),
      Property(
        "dropout", \.dropout, .number(in: .from(0, below: 1)),
        help: "The share dropped in training, of attention weights and of what is added to the "
          + "input."),
      Property(
        "hidden", \.hidden, .integer(in: 1...(1 << 30)),
        help: "The units between the two dense layers; four times the features if left out, for "
          + "swiglu two thirds of that."),
      Property("activation", \.activation, help: "What is between the two dense layers."),
      Property("norm", \.norm, help: "Which norm, over the features of each step."),
      Property(
        "order", \.order,
        help: "Whether the norm stands before the layers that are added (pre), or behind the sum "
          + "(post)."),
      Property("bias", \.bias, help: "Whether attention and dense layers add learned numbers."),
      Property(
        "init", \.initialiser,
        help: "How the first weights are drawn; a normal deviation is divided by the root of the "
          + "number of sums for the matrices before a sum, as in GPT-2."),
      .freeze(\.freeze),
    ],
    help: "Blocks of attention and dense layers, each added to its input; the blocks of NAME are "
      + "NAME1, and so on, and NAME is block if left out.")

  package func check(_ settings: Settings) throws(Failure) {
    try attention(to: nil).check(settings)
    guard memory != nil || memoryLengths == nil else {
      throw settings.failure(at: "memory_lengths", "are those of a memory: name it with memory")
    }
  }

  package func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    let x = try pass.sequence(x)
    let features = pass.shape(of: x)[2]
    let attention = attention(to: nil)
    try attention.checkFeatures(features)
    return try Repeat(times, block(features)).forward(x, in: &pass)
  }

  /// The layers of a block, for steps of so many features.
  package func block(_ features: Int) -> LayerList {
    LayerList {
      sum(attention(to: nil))
      if let memory { sum(attention(to: memory)) }
      sum(feedForward(features))
    }
  }

  /// The list that it stands for, one line for each layer of a block.
  func writtenOut(_ output: Shape) -> String? {
    let blocks = try? block(output[output.rank - 1]).setting().list
    return blocks.map { blocks in
      (["repeat: {times: \(times), layers: ["] + blocks.map { "  \($0.brief)," } + ["]}"])
        .joined(separator: "\n")
    }
  }

  /// What is added to its input, with its norm.
  private func sum(_ layers: any Layer...) -> [Node] { sum(layers) }

  private func sum(_ layers: [any Layer]) -> [Node] {
    let norm = frozenNorm
    let added = layers + (dropout > 0 ? [Dropout(dropout)] : [])
    switch order {
    case .pre: return [Node(Residual(LayerList(([norm] + added).map { Node($0) })))]
    case .post: return [Node(Residual(LayerList(added.map { Node($0) }))), Node(norm)]
    }
  }

  private var frozenNorm: any Layer {
    switch norm {
    case .layernorm:
      var norm = LayerNorm(over: .features)
      norm.freeze = freeze
      return norm
    case .rmsnorm:
      var norm = RMSNorm()
      norm.freeze = freeze
      return norm
    }
  }

  private func attention(to memory: String?) -> Attention {
    let ofSelf = memory == nil
    var attention = Attention(
      heads: heads, causal: ofSelf && isCausal, keyHeads: keyHeads, rotary: ofSelf && rotary,
      memory: memory, lengths: ofSelf ? lengths : nil, memoryLengths: ofSelf ? nil : memoryLengths,
      dropout: dropout, bias: bias, initialiser: initialiser, outputInitialiser: last)
    attention.freeze = freeze
    return attention
  }

  private func feedForward(_ features: Int) -> [any Layer] {
    // A swiglu has three matrices in place of two.
    let hidden = hidden ?? (activation == .swiglu ? (8 * features + 2) / 3 : 4 * features)
    let bias: Bias = bias ? .zeros : .none
    func dense(_ units: Int, _ initialiser: Initialiser) -> Dense {
      Dense(units: units, bias: bias, initialiser: initialiser, freeze: freeze)
    }
    let between: any Layer =
      switch activation {
      case .gelu: Networks.Activation.gelu
      case .relu: Networks.Activation.relu
      case .swiglu: SwiGLU()
      }
    return [
      dense(activation == .swiglu ? 2 * hidden : hidden, initialiser), between,
      dense(features, last),
    ]
  }

  /// Of matrices whose outputs are added to the input: the more sums, the smaller, so that the
  /// variance of the last one does not grow with their number.
  private var last: Initialiser {
    guard case .normal(let deviation) = initialiser else { return initialiser }
    let sums = times * (memory == nil ? 2 : 3)
    return .normal(deviation: deviation / Double(sums).squareRoot())
  }
}
