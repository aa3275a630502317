import Graphs
import Networks

/// State-space models: two of two blocks that predict tokens, and one of a sequence's class.
extension ParityCase {
  static let mamba = [
    tokens("two", steps: 19, count: 5, size: 8, "{state: 4, dt_rank: 2}"),
    tokens("wide", steps: 40, count: 6, size: 7, "{expand: 3, conv: 2, dt_rank: 3}"),
    ParityCase(
      name: "mamba/classifier", sample: [18, 3], targets: .classes(4, shape: []),
      model: """
        [{dense: 6}, {residual: [rmsnorm, mamba]}, rmsnorm, global_avgpool, {dense: 4}]
        """, optimizer: decay),
  ]

  private static let decay = "{adamw: {learning_rate: 0.01, weight_decay: 0.1, epsilon: 0.001}}"

  private static func tokens(
    _ file: String, steps: Int, count: Int, size: Int, _ mamba: String
  ) -> ParityCase {
    ParityCase(
      name: "mamba/\(file)", sample: [steps], targets: .classes(count, shape: [steps]),
      model: """
        [{embedding: {entries: \(count), size: \(size)}},
         {repeat: {times: 2, layers: [{residual: [rmsnorm, {mamba: \(mamba)}]}]}}, rmsnorm,
         {dense: \(count)}]
        """, optimizer: decay)
  }
}
