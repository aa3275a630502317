package import Checkpoints
internal import Datasets
package import Diagnostics
internal import Files
package import Reports

/// The most probable tokens for each mask of some texts, one in each line of a file.
package struct MaskPrediction: TextResults {
  package let unknownSymbols: Int
  private let tokens: [[UInt8]]
  private let texts: [Text]

  /// How a text writes a hidden token.
  private static let mark = "[MASK]"
  /// The tokens that are named for each mask.
  private static let best = 5

  private struct Text {
    let line: String
    /// With the token of the mask for each mark.
    var tokens: [Int32]
    /// The most probable tokens of each mask, the best first.
    var masks: [[WeightedToken]] = []
  }

  package init(_ checkpoint: borrowing Checkpoint, of path: String) throws(Failure) {
    let model = try MaskedModel(checkpoint)
    tokens = model.tokeniser.tokens
    var lines = try readText(path).split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline
    ).map { String($0) }
    if lines.last == "" { lines.removeLast() }
    var encoder = TextEncoder(model.tokeniser)
    var texts: [Text] = []
    for (number, line) in lines.enumerated() {
      let place = "\(path):\(number + 1)"
      var text = Text(
        line: line, tokens: try model.encode(line, mark: Self.mark, by: &encoder, of: place))
      try unsafe model.predict(text.tokens, of: place) { place, probabilities in
        var all = unsafe probabilities.enumerated().map {
          WeightedToken(weight: $1, token: Int32($0))
        }
        // An unknown symbol fills no mask.
        if let unknown = model.tokeniser.unknownToken { all.remove(at: Int(unknown)) }
        let count = all.moveGreatest(of: all.count, limit: Self.best, mass: .infinity)
        text.masks.append(all[..<count].sorted { $0.isBefore($1) })
        text.tokens[place] = text.masks.last?.first?.token ?? 0
      }
      texts.append(text)
    }
    self.texts = texts
    unknownSymbols = encoder.unknownCount
  }

  /// For each mask the best tokens with their probabilities, and then the text with the best ones.
  package var fields: [[String]] {
    texts.flatMap { text in
      text.masks.map { best in
        [Self.mark] + best.flatMap { [quoted(name($0.token)), Double($0.weight).formatted(4)] }
      } + [[completed(text)]]
    }
  }

  package var json: [(String, JSONValue)] {
    [
      ("unknown_symbols", .integer(unknownSymbols)),
      (
        "texts",
        .array(
          texts.map { text in
            .object([
              ("text", .string(text.line)), ("completed", .string(completed(text))),
              ("masks", .array(text.masks.map { .array($0.map(json)) })),
            ])
          })
      ),
    ]
  }

  private func json(_ one: WeightedToken) -> JSONValue {
    .object([
      ("token", .string(name(one.token))), ("probability", .number(one.weight.decimal)),
    ])
  }

  private func name(_ token: Int32) -> String {
    String(decoding: tokens[Int(token)], as: UTF8.self)
  }
  private func completed(_ text: Text) -> String {
    String(decoding: text.tokens.flatMap { tokens[Int($0)] }, as: UTF8.self)
  }
}
