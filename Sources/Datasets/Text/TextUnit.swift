/// What a text is split into before tokens are looked up or merged.
package enum TextUnit: String, CaseIterable, Sendable {
  /// Unicode scalars.
  case characters
  case bytes
  /// Words with the space before them, numbers, punctuation and white space, as GPT-2 has them.
  case words
  /// Byte pairs, which are merged within such words.
  case bpe

  /// Whether a text may hold bytes that are not UTF-8.
  var takesAnyBytes: Bool { self == .bytes || self == .bpe }

  /// The bytes behind the end of a word that may still change where it ends.
  private static let lookahead = 8
  /// A longer word is cut, so that memory is bounded whatever a text is.
  private static let wordLimit = 1 << 24

  /// The end of the symbol that begins at a place in a block of text.
  ///
  /// Nil at the end of the block, or where the next block may go on with the symbol.
  func end(of place: Int, in block: Span<UInt8>, isEnd: Bool) -> Int? {
    guard place < block.count else { return nil }
    switch self {
    case .bytes: return place + 1
    case .characters:
      // Bytes that are not UTF-8 were refused: the end of the block cuts a character.
      return (block.scalar(at: place)?.length ?? (isEnd ? 1 : nil)).map { place + $0 }
    case .words, .bpe:
      let end = Self.limitedWordEnd(of: place, in: block)
      return isEnd || end + Self.lookahead <= block.count ? end : nil
    }
  }

  private static func limitedWordEnd(of place: Int, in block: Span<UInt8>) -> Int {
    let limit = min(block.count, place + wordLimit)
    var end = wordEnd(of: place, in: block.extracting(0..<limit))
    guard end == limit, limit < block.count else { return end }
    // A character stays whole.
    while end > place + 1, block[end] & 0xc0 == 0x80 { end -= 1 }
    return end
  }
}
