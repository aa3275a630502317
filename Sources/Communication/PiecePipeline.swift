internal import Diagnostics
internal import Glibc

/// Moves long vectors in pieces that are added while they are still in the cache.
///
/// Some pieces are always under way, so that a network is never idle; their memory is all that a
/// sum needs beside the vectors themselves.
@safe final class PiecePipeline {
  /// Elements of a piece, and how many pieces are under way: few enough for the second cache.
  private static let pieceElements = 32 * 1024
  private static let depth = 3

  /// The buffers of one piece: one for each stream.
  @safe struct Buffers {
    fileprivate let first: UnsafeMutablePointer<Float>
    fileprivate let stride: Int

    subscript(stream: Int) -> UnsafeMutablePointer<Float> { unsafe first + stream * stride }
  }

  private let communicator: Communicator
  private let buffers: UnsafeMutablePointer<Float>
  private let streams: Int
  private let stride: Int
  /// Messages of each piece that is under way.
  private var underWay = [Int](repeating: 0, count: depth)

  /// Room for pieces of so many streams that arrive at once; no range is longer than the longest.
  init(_ communicator: Communicator, streams: Int, longest: Int) throws(Failure) {
    self.communicator = communicator
    self.streams = streams
    // Whole cache lines.
    stride = (min(longest, Self.pieceElements) + 15) / 16 * 16
    let bytes = 4 * Self.depth * streams * stride
    guard let memory = unsafe aligned_alloc(64, max(64, bytes)) else {
      throw Failure(
        .outOfMemory, "no memory to sum the gradients of other ranks: \(bytes.asBytes) are needed")
    }
    unsafe buffers = memory.bindMemory(to: Float.self, capacity: max(16, bytes / 4))
  }

  deinit { unsafe free(buffers) }

  /// A piece of a range; empty behind its end.
  func piece(_ index: Int, of range: Range<Int>) -> Range<Int> {
    let start = range.lowerBound + index * Self.pieceElements
    return min(start, range.upperBound)..<min(start + Self.pieceElements, range.upperBound)
  }

  /// Starts the messages of every piece of the longest range and, when they are there, uses them.
  ///
  /// Both closures get the number of the piece and the buffers of the streams.
  func run(
    longest count: Int,
    start: (Int, Buffers) throws(Failure) -> Void, use: (Int, Buffers) -> Void
  ) throws(Failure) {
    let pieces = (count + Self.pieceElements - 1) / Self.pieceElements
    for turn in 0..<pieces + Self.depth {
      let slot = turn % Self.depth
      let buffers = unsafe Buffers(first: buffers + slot * streams * stride, stride: stride)
      if turn >= Self.depth {
        try communicator.wait(for: .reduceScatter, first: underWay[slot])
        use(turn - Self.depth, buffers)
      }
      underWay[slot] = 0
      if turn < pieces {
        let before = unsafe communicator.requests.count
        try start(turn, buffers)
        underWay[slot] = unsafe communicator.requests.count - before
      }
    }
  }
}
