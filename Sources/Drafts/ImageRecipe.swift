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

  var lines: [String] {
    let pools = (sides.min() ?? 1) >= 8
    let blocks = filters.flatMap { count in
      ["  - conv: \(count)", "  - batchnorm", "  - relu"] + (pools ? ["  - maxpool: 2"] : [])
    }
    let batch = samples < 500 ? 16 : 64
    let epochs = max(10, min(100, 300_000 / max(1, samples)))
    return [
      "  batch: \(batch)                  # samples in a step, the same on any number of processes",
      "model:",
    ] + blocks + [
      "  - global_avgpool", "  - dropout: 0.2",
      "  - dense: \(outcome.outputs)                 # "
        + (outcome.loss == "mse" ? "a number for each target" : "a score for each class"),
      "loss: \(outcome.loss)", "optimizer: {adamw: {learning_rate: 0.002, weight_decay: 0.01}}",
      "schedule: {cosine: {to: 0}}",
      "train:", "  epochs: \(epochs)                 # at most",
      "  early_stop: {figure: loss, patience: 15}   # and the best epoch is kept",
    ]
  }
}
