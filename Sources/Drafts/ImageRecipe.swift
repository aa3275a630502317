/// A convolutional network for images and how it is trained.
struct ImageRecipe {
  private let samples: Int
  private let sides: [Int]
  private let outcome: Outcome

  init(samples: Int, sides: [Int], _ outcome: Outcome) {
    self.samples = samples
    self.sides = sides
    self.outcome = outcome
  }

  /// Each halving doubles the filters, until the map is small.
  private var filters: [Int] {
    var (filters, side) = ([Int](), sides.min() ?? 1)
    while side >= 8, filters.count < 5 {
      filters.append(min(128, 16 << filters.count))
      side /= 2
    }
    return filters.isEmpty ? [16] : filters
  }

  var lines: [CommentedLine] {
    let pools = (sides.min() ?? 1) >= 8
    let blocks = filters.flatMap { count -> [CommentedLine] in
      ["  - conv: \(count)", "  - batchnorm", "  - relu"] + (pools ? ["  - maxpool: 2"] : [])
    }
    let batch = samples < 500 ? 16 : 64
    let epochs = max(10, min(100, 300_000 / max(1, samples)))
    return [.batch(batch), "model:"] + blocks + [
      "  - global_avgpool", "  - dropout: 0.2", .output(of: outcome),
      "loss: \(outcome.loss)", "optimizer: {adamw: {learning_rate: 0.002, weight_decay: 0.01}}",
      "schedule: cosine", "train:", .epochs(epochs), .earlyStop(patience: 15),
    ]
  }
}
