internal import Diagnostics

/// Reads files from the first to the last in blocks, for a tokeniser.
enum TextBlocks {
  private static let size = 1 << 20

  /// Calls `body` with each block until it has had `limit` bytes.
  ///
  /// It returns how many bytes of the block it needs no more; the next one begins with the others.
  static func read(
    _ paths: [String], upTo limit: Int = .max,
    _ body: (Span<UInt8>, _ isEnd: Bool, _ path: String) throws(Failure) -> Int
  ) throws(Failure) {
    var left = limit
    for path in paths {
      let stream = try ByteStream(path)
      var block: [UInt8] = []
      var isEnd = false
      while !isEnd, left > 0 {
        let start = block.count
        // A block with a long word doubles, so that few of them begin with it.
        let wanted = min(left, max(size, start))
        block.append(contentsOf: repeatElement(0, count: wanted))
        let count = try unsafe block.withUnsafeMutableBufferPointer {
          bytes throws(Failure) in
          try unsafe stream.read(
            UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: bytes[start...])))
        }
        block.removeLast(wanted - count)
        left -= count
        isEnd = count < wanted
        block.removeFirst(try body(block.span, isEnd, path))
      }
    }
  }
}
