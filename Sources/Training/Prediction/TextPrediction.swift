package import Checkpoints
internal import Datasets
package import Diagnostics
internal import Elementary
package import Reports

/// What a network makes of a text file.
package protocol TextResults {
  /// The number of symbols that are no tokens.
  var unknownSymbols: Int { get }
  /// The columns of each line of the output.
  var fields: [[String]] { get }
  var json: [(String, JSONValue)] { get }
}

/// How probable each token of a text is to a network that has read all tokens before it.
///
/// The first token has none before it, and is left out.
package struct TextPrediction: TextResults {
  private let tokens: [[UInt8]]
  package let unknownSymbols: Int
  private let rows: [Row]

  fileprivate struct Row {
    let token: Int
    /// The negative logarithm of its probability.
    let nats: Double
    /// The most probable token, the first of equals, and its probability.
    let best: Int
    let probability: Double
  }

  /// Reads a text file with the tokens of a checkpoint.
  package init(_ checkpoint: borrowing Checkpoint, of path: String) throws(Failure) {
    let reader = TextReader(try StepRunner(checkpoint))
    guard let tokeniser = reader.runner.coding.tokens else {
      preconditionFailure("the network was not trained on a text")
    }
    tokens = tokeniser.tokens
    let (text, unknown) = try tokeniser.encode(file: path)
    unknownSymbols = unknown
    guard text.count > 1 else {
      throw Failure(
        .badData, "'\(path)': expected a text of at least 2 tokens, found \(text.count)")
    }
    rows = zip(text, text.dropFirst()).map { token, next in
      unsafe Row(scores: reader.read([token]), of: Int(next))
    }
  }

  /// The columns of each token: the token, its nats, the most probable token, its probability.
  package var fields: [[String]] {
    rows.map {
      [text($0.token), $0.nats.formatted(4), text($0.best), $0.probability.formatted(4)]
    }
  }

  package var json: [(String, JSONValue)] {
    [
      ("unknown_symbols", .integer(unknownSymbols)),
      (
        "predictions",
        .array(
          rows.map { row in
            .object([
              ("token", .string(name(row.token))), ("nats", .number(row.nats)),
              ("best", .string(name(row.best))), ("probability", .number(row.probability)),
            ])
          })
      ),
    ]
  }

  private func name(_ token: Int) -> String { String(decoding: tokens[token], as: UTF8.self) }
  private func text(_ token: Int) -> String { quoted(name(token)) }
}

extension TextPrediction.Row {
  /// The softmax of scores, in Double.
  fileprivate init(scores: UnsafeBufferPointer<Float>, of token: Int) {
    var best = 0
    for place in scores.indices where unsafe scores[place] > scores[best] { best = place }
    let greatest = unsafe Double(scores[best])
    let sum = unsafe scores.reduce(0) { $0 + Double.exp(Double($1) - greatest) }
    self.init(
      token: token, nats: unsafe Double.log(sum) + greatest - Double(scores[token]), best: best,
      probability: 1 / sum)
  }
}
