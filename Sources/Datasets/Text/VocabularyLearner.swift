package import Diagnostics

/// Counts the symbols of texts that come in blocks, and makes a tokeniser of them.
///
/// The tokeniser is a function of the texts alone.
package struct VocabularyLearner {
  private let unit: TextUnit
  /// The bytes of a text before the next block.
  private var offset = 0
  private var symbols = ByteTable()
  private var frequencies: [Int] = []

  /// The bytes of different words, of which each takes 30 bytes while pairs are merged.
  private static let wordBytes = 1 << 24

  package init(_ unit: TextUnit) { self.unit = unit }

  /// Whether more text would take too much memory.
  package var isFull: Bool { symbols.byteCount >= Self.wordBytes }

  /// Counts the symbols of a block of text, and returns how many of its bytes they are.
  ///
  /// The rest belongs before the next block; nothing is left at the end of a text. Words for byte
  /// pairs are counted line by line, as the Python package `tokenizers` reads files. Messages name
  /// the `source` of the text.
  package mutating func read(
    _ block: Span<UInt8>, isEnd: Bool, of source: String
  ) throws(Failure) -> Int {
    try unit.check(block, at: offset, isEnd: isEnd, of: source)
    var count = 0
    switch unit {
    case .bytes: count = block.count
    case .characters, .words: count = countSymbols(of: block, isEnd: isEnd)
    case .bpe:
      var isWhole = true
      while count < block.count, isWhole {
        var end = count
        while end < block.count, block[end] != UInt8(ascii: "\n") { end += 1 }
        isWhole = end < block.count || isEnd
        let line = block.extracting(count..<min(end + 1, block.count))
        count += countSymbols(of: line, isEnd: isWhole)
      }
    }
    offset = isEnd ? 0 : offset + count
    return count
  }

  private mutating func countSymbols(of block: Span<UInt8>, isEnd: Bool) -> Int {
    var place = 0
    while let end = unit.end(of: place, in: block, isEnd: isEnd) {
      let index = symbols.insert(block.extracting(place..<end))
      if index == frequencies.count { frequencies.append(0) }
      frequencies[index] += 1
      place = end
    }
    return place
  }

  /// The tokeniser of at most `size` tokens; fewer where the text has no more.
  ///
  /// Of characters and words the most frequent ones are kept, of equally frequent ones those of the
  /// smaller bytes. Characters are numbered by their bytes, words by their frequency.
  package func tokeniser(size: Int?) -> Tokeniser {
    let size = min(size ?? Tokeniser.sizeLimit, Tokeniser.sizeLimit)
    switch unit {
    case .bytes: return .bytes
    case .bpe:
      var learner = BytePairLearner(
        symbols, frequencies: frequencies, bytes: ByteNames.tokens)
      return Tokeniser(learned: learner.merge(first: 256, count: max(0, size - 256)))
    case .characters, .words:
      let order = frequencies.indices.sorted { a, b in
        frequencies[a] != frequencies[b]
          ? frequencies[a] > frequencies[b] : symbols[a].lexicographicallyPrecedes(symbols[b])
      }
      let kept = order.prefix(max(0, size - 1)).map { Array(symbols[$0]) }
      return Tokeniser(
        unit, symbols: unit == .words ? kept : kept.sorted { $0.lexicographicallyPrecedes($1) })
    }
  }
}
