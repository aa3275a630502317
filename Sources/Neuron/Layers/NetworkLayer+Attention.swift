internal import Networks

/// Layers that read other steps of a sequence `[steps, features]`.
///
///     brain.add(.reshape(28, 28))
///     brain.add(.dense(64))
///     brain.add(.positions())
///     brain.add(.transformer(blocks: 2, heads: 4))
///     brain.add(.globalAvgPool)
extension NetworkLayer {
  /// Heads of scaled dot-product attention; `causal` reads no later steps.
  public static func attention(
    heads: Int, causal: Bool = false, rotary: Bool = false, dropout: Double = 0
  ) -> NetworkLayer {
    NetworkLayer(Attention(heads: heads, causal: causal, rotary: rotary, dropout: dropout))
  }

  /// Adds a vector to each step that says where it stands: learned, or sines and cosines.
  public static func positions(learned: Bool = true) -> NetworkLayer {
    NetworkLayer(Positions(learned ? .learned : .sinusoidal))
  }

  /// The blocks of a Transformer: layer norms, attention, and two dense layers around GELU, each
  /// part added to its input.
  public static func transformer(
    blocks: Int, heads: Int, causal: Bool = false, rotary: Bool = false, hidden: Int? = nil,
    dropout: Double = 0
  ) -> NetworkLayer {
    var transformer = Transformer(blocks: blocks, heads: heads)
    transformer.isCausal = causal
    transformer.rotary = rotary
    transformer.hidden = hidden
    transformer.dropout = dropout
    return NetworkLayer(transformer)
  }

  /// A selective state-space model: states that each step keeps and changes as much as its input
  /// says.
  public static func mamba(
    state: Int = 16, expand: Int = 2, convolution: Int = 4, rank: Int? = nil
  ) -> NetworkLayer {
    NetworkLayer(Mamba(state: state, expand: expand, convolution: convolution, rank: rank))
  }

  /// The swish of the first half of the features, times the second half.
  public static let swiGLU = NetworkLayer(SwiGLU())
}
