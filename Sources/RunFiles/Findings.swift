/// The contents of `report.json`: what a page shows of a run and no log holds.
package struct Findings: Sendable {
  /// The layers as an SVG drawing, in the colours of a page.
  package var network: String?
  /// Of the last validation, or after the end that of the best checkpoint.
  package var validation: ValidationFindings?
  /// The cells of recurrent layers, or the weights of attention, over a text or a sample.
  package var activations: [ActivationMap] = []

  package init() {}
}

/// How a network answers the samples of its validation set.
package struct ValidationFindings: Sendable {
  package var step: Int
  /// Whether these are the weights of the checkpoint that is marked as the best.
  package var isBest: Bool
  package var samples: Int
  /// The names of the classes, and a row for each class that is true with the number of samples
  /// that were taken for each class; nil without classes, or with many.
  package var confusion: (names: [String], counts: [[Int]])?
  /// For real targets, some of them beside what was predicted.
  package var pairs: [(truth: Double, prediction: Double)]
  /// The samples of the greatest losses, the greatest first.
  package var worst: [WorstSample]

  package init(
    step: Int, isBest: Bool, samples: Int, confusion: (names: [String], counts: [[Int]])?,
    pairs: [(truth: Double, prediction: Double)], worst: [WorstSample]
  ) {
    self.step = step
    self.isBest = isBest
    self.samples = samples
    self.confusion = confusion
    self.pairs = pairs
    self.worst = worst
  }
}

/// A sample that the network answers badly.
package struct WorstSample: Sendable {
  package enum Content: Sendable {
    /// The bytes of a PNG file.
    case picture([UInt8])
    /// The names and values of a row of a table or of the numbers of a sample.
    case row([(name: String, value: String)])
    case text(String)
  }

  /// Its place in the validation set, from 0.
  package var index: Int
  package var loss: Double
  package var truth: String
  package var answer: String
  /// The probability of the answer, if there is one.
  package var probability: Double?
  package var content: Content

  package init(
    index: Int, loss: Double, truth: String, answer: String, probability: Double?,
    content: Content
  ) {
    self.index = index
    self.loss = loss
    self.truth = truth
    self.answer = answer
    self.probability = probability
    self.content = content
  }
}

/// Numbers over the steps of a text or a sample: a row for each unit, or for each token that
/// attends.
package struct ActivationMap: Sendable {
  /// Such as `lstm1, cell` or `attention2, head 3`.
  package var name: String
  /// What each column stands for; tokens of a text, or numbers of steps.
  package var columns: [String]
  /// What each row stands for.
  package var rows: [String]
  /// Row by row, from -1 to 1, or from 0 to 1 for the weights of attention.
  package var values: [Float]
  package var isAttention: Bool

  package init(
    name: String, columns: [String], rows: [String], values: [Float], isAttention: Bool
  ) {
    self.name = name
    self.columns = columns
    self.rows = rows
    self.values = values
    self.isAttention = isAttention
  }
}
