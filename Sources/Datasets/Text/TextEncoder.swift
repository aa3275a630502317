package import Diagnostics

/// Encodes texts that come in blocks, with a memory of words.
package struct TextEncoder {
  private let tokeniser: Tokeniser
  /// The bytes of a text before the next block.
  private var offset = 0
  /// The number of symbols that are no tokens.
  package private(set) var unknownCount = 0
  private var pairs: BytePairs.Encoder?
  /// The tokens of ASCII characters, -1 where they are none.
  private let ascii: [Int32]
  /// The words that were encoded, and the ends of their tokens in `wordTokens`, after a 0.
  private var words = ByteTable()
  private var ends = [0]
  private var wordTokens: [Int32] = []

  /// Longer words and more of them are encoded again each time.
  private static let wordBytes = 64
  private static let wordCount = 1 << 20

  package init(_ tokeniser: Tokeniser) {
    self.tokeniser = tokeniser
    pairs = tokeniser.pairs.map { BytePairs.Encoder($0) }
    ascii = (0..<0x80).map { (byte: UInt8) in
      tokeniser.symbols.index(of: [byte]).map { Int32($0 + 1) } ?? -1
    }
  }

  /// Appends the tokens of a block of text, and returns how many of its bytes they are.
  ///
  /// The rest belongs before the next block; nothing is left at the end of a text. Messages name
  /// the `source` of the text.
  package mutating func encode(
    _ block: Span<UInt8>, isEnd: Bool, of source: String, into tokens: inout [Int32]
  ) throws(Failure) -> Int {
    try tokeniser.unit.check(block, at: offset, isEnd: isEnd, of: source)
    var place = 0
    while let end = tokeniser.unit.end(of: place, in: block, isEnd: isEnd) {
      switch tokeniser.unit {
      case .bytes: tokens.append(Int32(block[place]))
      case .characters where block[place] < 0x80 && ascii[Int(block[place])] >= 0:
        tokens.append(ascii[Int(block[place])])
      case .characters, .words:
        if let index = tokeniser.symbols.index(of: block.extracting(place..<end)) {
          tokens.append(Int32(index + 1))
        } else {
          tokens.append(Tokeniser.unknown)
          unknownCount += 1
        }
      case .bpe: encode(block.extracting(place..<end), into: &tokens)
      }
      place = end
    }
    offset = isEnd ? 0 : offset + place
    return place
  }

  private mutating func encode(_ word: Span<UInt8>, into tokens: inout [Int32]) {
    guard word.count <= Self.wordBytes else {
      pairs?.encode(word, into: &tokens)
      return
    }
    let isFull = words.count == Self.wordCount
    guard let index = isFull ? words.index(of: word) : words.insert(word) else {
      pairs?.encode(word, into: &tokens)
      return
    }
    if index + 1 == ends.count {
      pairs?.encode(word, into: &wordTokens)
      ends.append(wordTokens.count)
    }
    for place in ends[index]..<ends[index + 1] { tokens.append(wordTokens[place]) }
  }
}

extension TextUnit {
  /// Refuses bytes that are not UTF-8, where the unit needs characters; the block begins `offset`
  /// bytes after the start of its source.
  func check(
    _ block: Span<UInt8>, at offset: Int, isEnd: Bool, of source: String
  ) throws(Failure) {
    guard !takesAnyBytes, let place = block.invalidUTF8(isEnd: isEnd) else { return }
    let byte = String(block[place], radix: 16)
    throw Failure(
      .badData,
      "'\(source)': byte \((offset + place).grouped) (0x\(byte)) is not UTF-8, counted from 0; "
        + "convert the file, or use 'tokens: bytes' or 'tokens: bpe'")
  }
}
