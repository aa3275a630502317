import Graphs
import Networks

/// Transformers of two blocks on 6 steps of 11 tokens.
extension ParityCase {
  static let transformers =
    [
      gpt("gpt", ""), gpt("gpt_rotary", ", rotary: true", positions: nil),
      gpt("gpt_kv_heads", ", kv_heads: 1"),
      gpt("gpt_rmsnorm", ", norm: rmsnorm", norm: "rmsnorm"),
      gpt("gpt_swiglu", ", activation: swiglu"),
      gpt("gpt_post", ", order: post, activation: relu", norm: nil),
      gpt(
        "gpt_tied", ", bias: false",
        scores: "{dense: {units: 11, bias: false, weights_of: embedding1}}"),
      gpt("gpt_sinusoidal", "", positions: "sinusoidal"),
    ] + [encoder, encoderDecoder]

  private static let decay = "{adamw: {learning_rate: 0.01, weight_decay: 0.1, epsilon: 0.001}}"
  private static let norm = "{layernorm: {over: features}}"

  private static func gpt(
    _ file: String, _ options: String, positions: String? = "learned", norm: String? = norm,
    scores: String = "{dense: 11}"
  ) -> ParityCase {
    let layers: [String?] = [
      "{embedding: {entries: 11, size: 8}}", positions.map { "{positions: \($0)}" },
      "{transformer: {blocks: 2, heads: 2, hidden: 12, causal: true\(options)}}", norm, scores,
    ]
    return ParityCase(
      name: "transformers/\(file)", sample: [6], targets: .classes(11, shape: [6]),
      model: "[\(layers.compactMap(\.self).joined(separator: ", "))]", optimizer: decay)
  }

  private static let encoder = ParityCase(
    name: "transformers/encoder", sample: [6],
    targets: .classes(11, shape: [6], ignoresSome: true),
    fields: [TargetType.NamedField("lengths", NumberType.int32, [])],
    model: """
      [{embedding: {entries: 11, size: 8}}, {positions: learned},
       {transformer: {blocks: 2, heads: 2, hidden: 12, lengths: lengths}}, \(norm), {dense: 11}]
      """, optimizer: decay)

  private static let encoderDecoder = ParityCase(
    name: "transformers/encoder_decoder", sample: [6], targets: .classes(7, shape: [5]),
    fields: [
      TargetType.NamedField("previous", NumberType.int32, [5], entries: 7),
      TargetType.NamedField("lengths", NumberType.int32, []),
    ],
    model: """
      [{embedding: {name: letters, entries: 11, size: 8}}, {positions: learned},
       {transformer: {name: encoder, blocks: 2, heads: 2, hidden: 12, lengths: lengths}},
       {layernorm: {name: memory, over: features}},
       {embedding: {name: written, input: previous, size: 8}}, {positions: learned},
       {transformer: {name: decoder, blocks: 2, heads: 2, hidden: 12, causal: true, memory: memory,
        memory_lengths: lengths}},
       \(norm), {dense: 7}]
      """, optimizer: decay)
}
