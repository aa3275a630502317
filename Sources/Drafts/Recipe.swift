/// A network for a table and how it is trained: one rule for small tables and large ones.
///
/// Two hidden layers are wide enough for what a few hundred records can teach, and weight decay and
/// early stopping keep them from learning records by heart.
struct Recipe {
  private let samples: Int
  private let features: Int
  private let outcome: Outcome
  /// Lines that make the input of the first layer, such as vectors of words.
  private let inputLines: [CommentedLine]

  /// For so many records of a table, of which `inputLines` make the features.
  init(samples: Int, features: Int, _ outcome: Outcome, inputLines: [CommentedLine] = []) {
    self.samples = samples
    self.features = features
    self.outcome = outcome
    self.inputLines = inputLines
  }

  private var width: Int { samples < 10_000 ? 64 : 128 }

  private var batch: Int { samples < 2_000 ? 16 : samples < 20_000 ? 64 : 256 }

  private var epochs: Int { max(20, min(300, 150_000 / max(1, samples))) }

  var batchLine: CommentedLine { .batch(batch) }

  var modelLines: [CommentedLine] {
    ["model:"] + inputLines + [
      "  - dense: \(width)", "  - relu", "  - dense: \(width)", "  - relu", .output(of: outcome),
    ]
  }

  var trainingLines: [CommentedLine] {
    [
      "loss: \(outcome.loss)", "optimizer: {adamw: {learning_rate: 0.001, weight_decay: 0.01}}",
      "train:", .epochs(epochs), .earlyStop(patience: 40),
    ]
  }
}
