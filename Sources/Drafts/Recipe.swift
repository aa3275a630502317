/// A network for a table and how it is trained: one rule of the number of training samples.
///
/// It was chosen by folds of eight small tables (bench/tables.py). Weight decay counts most: it
/// keeps a network that has more weights than there are records from learning these by heart. An
/// output layer of zeros begins with the mean, or with equal probabilities.
struct Recipe {
  private let samples: Double
  private let outcome: Outcome
  /// Lines that make the input of the first layer, such as vectors of words.
  private let inputLines: [CommentedLine]

  init(samples: Int, _ outcome: Outcome, inputLines: [CommentedLine] = []) {
    self.samples = Double(max(1, samples))
    self.outcome = outcome
    self.inputLines = inputLines
  }

  private var isOfClasses: Bool { if case .classes = outcome { true } else { false } }

  /// The power of two at or above the root of the samples.
  private var size: Int {
    var size = 1
    while Double(size * size) < samples { size *= 2 }
    return size
  }

  var batch: Int { max(16, size) }
  var width: Int { min(256, max(64, size)) }
  var epochs: Int { Int(min(1000, max(10, 8000 / samples.squareRoot()))) }

  var weightDecay: Double {
    let decay =
      isOfClasses
      ? min(2, max(0.3, 900 / samples)) : min(1, max(0.2, 20 / samples.squareRoot()))
    return (100 * decay).rounded() / 100
  }

  var batchLine: CommentedLine { .batch(batch) }

  var modelLines: [CommentedLine] {
    let output = CommentedLine.output(of: outcome)
    return ["model:"] + inputLines + [
      "  - dense: \(width)", "  - gelu", "  - dense: \(width)", "  - gelu",
      CommentedLine("  - dense: {units: \(outcome.outputs), init: zeros}", output.comment),
    ]
  }

  var trainingLines: [CommentedLine] {
    let loss =
      isOfClasses
      ? CommentedLine(
        "loss: {cross_entropy: {label_smoothing: 0.1}}", "smoothing keeps it from being too sure")
      : CommentedLine("loss: mse", "the squared error")
    return [
      loss, "optimizer:",
      CommentedLine(
        "  adamw: {learning_rate: 0.002, weight_decay: \(weightDecay)}",
        "the fewer samples, the more decay"),
      CommentedLine("schedule: cosine", "the learning rate falls to 0"), "train:",
      .epochs(epochs), .earlyStop(patience: (epochs + 3) / 4),
      CommentedLine(
        "  checkpoint: {every: \(max(1, epochs / 10)) epochs}", "beside the best, for --resume"),
    ]
  }
}
