package import Diagnostics

/// Turns a text into tokens, which are numbers from 0, and tokens into a text.
///
/// It is immutable; a `TextEncoder` encodes with it.
package struct Tokeniser: Equatable, Sendable {
  package let unit: TextUnit
  /// The bytes of each token; those of the unknown token are U+FFFD.
  package let tokens: [[UInt8]]
  /// For byte pairs.
  let pairs: BytePairs?
  /// The symbols that are tokens, for characters and words: number i is token i + 1.
  let symbols: ByteTable

  /// The token of symbols that are none, for characters and words.
  package static let unknown: Int32 = 0

  /// More tokens are a mistake.
  static let sizeLimit = 1 << 24

  /// All bytes are tokens.
  package static let bytes = Tokeniser(.bytes, (UInt8.min...UInt8.max).map { [$0] })

  private init(
    _ unit: TextUnit, _ tokens: [[UInt8]], pairs: BytePairs? = nil, symbols: ByteTable = ByteTable()
  ) {
    self.unit = unit
    self.tokens = tokens
    self.pairs = pairs
    self.symbols = symbols
  }

  /// Characters or words, which differ.
  init(_ unit: TextUnit, symbols: [[UInt8]]) {
    var table = ByteTable()
    for symbol in symbols { _ = table.insert(symbol) }
    self.init(unit, [Array("\u{fffd}".utf8)] + symbols, symbols: table)
  }

  /// Byte pairs that were learned: bytes in GPT-2's order, then each merge.
  init(learned merges: [TokenPair]) {
    var tokens = ByteNames.order.map { [$0] }
    var made: [BytePairs.Merge] = []
    for pair in merges {
      made.append(BytePairs.Merge(pair: pair, result: Int32(tokens.count)))
      tokens.append(tokens[Int(pair.left)] + tokens[Int(pair.right)])
    }
    self.init(.bpe, tokens, pairs: BytePairs(bytes: ByteNames.tokens, merges: made))
  }

  /// Byte pairs by the names of tokens and of the two parts of each merge.
  ///
  /// A failure is thrown by `fail`, which gets the index of the merge that does not fit the tokens,
  /// or nil, and what is wrong.
  init(
    names: [String], merges: [(String, String)],
    fail: (_ merge: Int?, _ problem: String) -> Failure
  ) throws(Failure) {
    let tokens = names.map { ByteNames.bytes(of: $0) }
    var table = ByteTable()
    for (index, token) in tokens.enumerated() {
      guard !token.isEmpty else { throw fail(nil, "token \(index) is empty") }
      guard table.insert(token) == index else {
        throw fail(nil, "the token \(quoted(names[index])) is there twice")
      }
    }
    var bytes: [Int32] = []
    for byte in UInt8.min...UInt8.max {
      guard let token = table.index(of: [byte]) else {
        throw fail(
          nil,
          "the byte \(byte) (\(quoted(ByteNames.name(of: [byte])))) is no token; learn with all 256"
            + " bytes as the initial alphabet")
      }
      bytes.append(Int32(token))
    }
    var made: [BytePairs.Merge] = []
    var known: Set<TokenPair> = []
    for (index, merge) in merges.enumerated() {
      let parts = [merge.0, merge.1]
      var numbers: [Int32] = []
      for name in parts + [parts.joined()] {
        guard let token = table.index(of: ByteNames.bytes(of: name)) else {
          throw fail(index, "\(quoted(name)) is no token of the vocabulary")
        }
        numbers.append(Int32(token))
      }
      let pair = TokenPair(numbers[0], numbers[1])
      guard known.insert(pair).inserted else {
        throw fail(index, "\(quoted(parts.joined(separator: " "))) is merged twice")
      }
      made.append(BytePairs.Merge(pair: pair, result: numbers[2]))
    }
    self.init(.bpe, tokens, pairs: BytePairs(bytes: bytes, merges: made))
  }

  /// The number of tokens.
  package var size: Int { tokens.count }

  /// The name of each token: a character or a word itself, a sequence of bytes as GPT-2 names it.
  package var names: [String] {
    guard unit.takesAnyBytes else {
      return ["(unknown)"] + tokens.dropFirst().map { String(decoding: $0, as: UTF8.self) }
    }
    return tokens.map { ByteNames.name(of: $0) }
  }

  /// The names of the tokens and of the end of a text, the class behind the last token.
  ///
  /// As the input of a decoder that class is the beginning.
  package var namesWithEnd: [String] { names + ["(end)"] }

  /// The bytes that each token stands for; an unknown symbol has at least one.
  package var byteCounts: [Int] {
    tokens.enumerated().map { unit.takesAnyBytes || $0 != Self.unknown ? $1.count : 1 }
  }

  /// The bytes of some tokens; a character may be cut at both ends.
  package func decode(_ tokens: some Sequence<Int32>) -> [UInt8] {
    tokens.flatMap { self.tokens[Int($0)] }
  }

  /// The tokens of a whole text; messages name its `source`.
  package func encode(_ text: [UInt8], source: String = "the text") throws(Failure) -> [Int32] {
    var encoder = TextEncoder(self)
    var tokens: [Int32] = []
    _ = try encoder.encode(text.span, isEnd: true, of: source, into: &tokens)
    return tokens
  }

  package static func == (a: Tokeniser, b: Tokeniser) -> Bool {
    a.unit == b.unit && a.tokens == b.tokens && a.pairs == b.pairs
  }
}
