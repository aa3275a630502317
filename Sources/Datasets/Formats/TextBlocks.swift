package import Diagnostics

extension Tokeniser {
  /// The tokens of a text file, and the number of its symbols that are none.
  package func encode(file path: String) throws(Failure) -> (tokens: [Int32], unknown: Int) {
    var (encoder, tokens) = (TextEncoder(self), [Int32]())
    var blocks = TextBlocks([path])
    while try blocks.next({ (block, isEnd, path) throws(Failure) in
      try encoder.encode(block, isEnd: isEnd, of: path, into: &tokens)
    }) {}
    return (tokens, encoder.unknownCount)
  }
}

/// Reads files from the first to the last in blocks, for a tokeniser.
struct TextBlocks {
  private var paths: ArraySlice<String>
  /// The bytes that may still be read; what the limit cuts is not the end of a text.
  private var left: Int
  private var stream: ByteStream?
  private var block: [UInt8] = []

  private static let size = 1 << 20

  init(_ paths: [String], upTo limit: Int = .max) {
    self.paths = paths[...]
    left = limit
  }

  /// Calls `body` with the next block; returns false at the end.
  ///
  /// `body` returns how many bytes of the block it needs no more; the next one begins with the
  /// others.
  mutating func next(
    _ body: (Span<UInt8>, _ isEnd: Bool, _ path: String) throws(Failure) -> Int
  ) throws(Failure) -> Bool {
    if stream == nil, let path = paths.popFirst() { stream = try ByteStream(path) }
    guard left > 0, let stream else { return false }
    let start = block.count
    // A block with a long word doubles, so that few of them begin with it.
    let wanted = min(left, max(Self.size, start))
    block.append(contentsOf: repeatElement(0, count: wanted))
    let count = try unsafe block.withUnsafeMutableBufferPointer { bytes throws(Failure) in
      try unsafe stream.read(
        UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: bytes[start...])))
    }
    block.removeLast(wanted - count)
    left -= count
    let isEnd = count < wanted
    block.removeFirst(try body(block.span, isEnd, stream.path))
    if isEnd { self.stream = nil }
    return true
  }
}
