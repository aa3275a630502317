internal import Randomness

/// Sequences of tokens; the label of each step is the next token.
///
/// Each token has four successors, and each of them is as likely: the best cross entropy is ln 4.
enum Tokens {
  static let steps = 64
  static let vocabulary = 65

  fileprivate static func dataset(
    _ split: DrawnDataset.Split, count: Int, normalisation: Normalisation?
  ) -> Dataset {
    var tokens: [Int32] = []
    var labels: [Int32] = []
    for sample in 0..<count {
      let stream = RandomStream(drawing: "tokens", split, sample: sample)
      var token = stream.integer(below: vocabulary, at: 0)
      for step in 1...steps {
        tokens.append(Int32(token))
        token = (17 * token + 16 * stream.integer(below: 4, at: step) + 1) % vocabulary
        labels.append(Int32(token))
      }
    }
    return Dataset(
      shape: [steps], elements: .integers(tokens),
      targets: .classes(labels, names: (0..<vocabulary).map(String.init), shape: [steps]),
      normalisation: normalisation)
  }
}

extension DrawnDataset {
  static let tokens = DrawnDataset(
    "tokens", defaultSizes: (10_000, 1000), shape: [Tokens.steps], .int32,
    .classes(Tokens.vocabulary, shape: [Tokens.steps])
  ) { Tokens.dataset($0, count: $1, normalisation: $2) }
}
