internal import Diagnostics

/// Reads files from the first to the last in blocks, for a tokeniser.
struct TextBlocks {
  private var paths: ArraySlice<String>
  /// The bytes that may still be read.
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
    if left == 0 {
      // The limit is the end of the text, without a character that it cuts.
      while let last = block.last, last & 0xc0 == 0x80 { block.removeLast() }
      if let last = block.last, last >= 0xc0 { block.removeLast() }
    }
    let isEnd = count < wanted || left == 0
    block.removeFirst(try body(block.span, isEnd, stream.path))
    if isEnd { self.stream = nil }
    return true
  }
}
