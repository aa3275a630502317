internal import Configuration
internal import Diagnostics

/// How a text becomes tokens, as a configuration describes it.
struct TokenSettings {
  private let unit: TextUnit
  /// The most tokens; nil: as many as there are.
  private let size: Int?
  /// The files of a vocabulary in GPT-2's form.
  private let vocabulary: (tokens: String, merges: String)?

  /// The number of tokens of bpe where none is given.
  private static let pairsSize = 4096
  /// The most bytes that words and byte pairs are learned from.
  private static let learningLimit = 1 << 28

  static func keys(unit: Key.Default, _ note: String = "") -> [Key] {
    [
      Key(
        "tokens", .choice(TextUnit.self), default: unit,
        help: "what a text is split into: characters and words that are rare or unknown become one"
          + " token, words have the space before them, bpe is byte-pair encoding" + note),
      Key(
        "vocabulary", .oneOf([.integer(in: 2...Tokeniser.sizeLimit), .text]), default: .absent,
        help: "the most tokens, for bpe at least 256; or for bpe a folder with vocab.json and"
          + " merges.txt in GPT-2's form; left out, 4096 for bpe and else as many as there are"),
    ]
  }

  /// `other` is the unit if the settings have none.
  init(_ settings: Settings, folder: String, otherwise other: TextUnit) throws(Failure) {
    unit = settings.optionalChoice("tokens") ?? other
    switch settings.optionalValue("vocabulary") {
    case .text(let name)?:
      guard unit == .bpe else {
        throw settings.failure(
          at: "vocabulary", "only byte pairs are read from files: set tokens: bpe, or a number")
      }
      vocabulary = (
        try locate("\(name)/vocab.json", in: folder), try locate("\(name)/merges.txt", in: folder)
      )
      size = nil
    case let number:
      size = number?.integer ?? (unit == .bpe ? Self.pairsSize : nil)
      guard unit != .bpe || size ?? 0 >= 256, unit != .bytes || number == nil else {
        throw settings.failure(
          at: "vocabulary",
          unit == .bpe ? "expected at least 256, the bytes" : "there are 256 bytes: leave it out")
      }
      vocabulary = nil
    }
  }

  var files: [String] { vocabulary.map { [$0.tokens, $0.merges] } ?? [] }

  /// The most bytes of a text that are read to learn its tokens.
  var learningLimit: Int { unit == .characters ? .max : Self.learningLimit }

  /// The tokens of a vocabulary in files, or those that `read` shows a learner.
  func tokeniser(
    _ read: (inout VocabularyLearner) throws(Failure) -> Void
  ) throws(Failure) -> Tokeniser {
    if let vocabulary {
      return try Tokeniser(vocabulary: vocabulary.tokens, merges: vocabulary.merges)
    }
    guard unit != .bytes else { return .bytes }
    var learner = VocabularyLearner(unit)
    try read(&learner)
    return learner.tokeniser(size: size)
  }
}
