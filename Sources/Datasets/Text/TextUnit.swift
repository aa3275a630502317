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

  /// The bytes behind the end of a symbol that may still change where it ends.
  private static let lookahead = 8

  /// The end of the symbol that begins at a place in a block of text.
  ///
  /// Nil at the end of the block, or where the next block may go on with the symbol.
  func end(of place: Int, in block: Span<UInt8>, isEnd: Bool) -> Int? {
    guard place < block.count else { return nil }
    let end =
      switch self {
      case .bytes: place + 1
      case .characters: place + (block.scalar(at: place)?.length ?? 1)
      case .words, .bpe: Self.wordEnd(of: place, in: block)
      }
    return isEnd || self == .bytes || end + Self.lookahead <= block.count ? end : nil
  }
}
