internal import Diagnostics
internal import Glibc

/// Receives long vectors in pieces that are small enough to be added in the cache.
///
/// Several pieces are in flight, so that the network is not idle between them. A sum needs no other
/// memory beside the vectors.
@safe final class PiecePipeline {
  /// The elements of a piece, and the number of pieces in flight; they fit the L2 cache.
  private static let pieceElements = 32 * 1024
  private static let depth = 3

  /// The receive buffers of one piece, one for each stream.
  @safe struct Buffers {
    fileprivate let first: UnsafeMutablePointer<Float>
    fileprivate let stride: Int

    subscript(stream: Int) -> UnsafeMutablePointer<Float> { unsafe first + stream * stride }
  }

  private let communicator: Communicator
  private let buffers: UnsafeMutablePointer<Float>
  private let streams: Int
  private let stride: Int
  /// The number of pending messages of each piece in flight.
  private var pending = [Int](repeating: 0, count: depth)

  /// Allocates buffers for `streams` vectors that arrive concurrently, in ranges of at most
  /// `longest` elements.
  init(_ communicator: Communicator, streams: Int, longest: Int) throws(Failure) {
    self.communicator = communicator
    self.streams = streams
    // Each buffer is a whole number of cache lines.
    stride = (min(longest, Self.pieceElements) + 15) / 16 * 16
    let bytes = 4 * Self.depth * streams * stride
    guard let memory = unsafe aligned_alloc(64, max(64, bytes)) else {
      throw Failure(
        .outOfMemory, "no memory to sum the gradients of other ranks: needs \(bytes.asBytes)")
    }
    unsafe buffers = memory.bindMemory(to: Float.self, capacity: max(16, bytes / 4))
  }

  deinit { unsafe free(buffers) }

  /// Returns a piece of a range, which is empty after the end of the range.
  func piece(_ index: Int, of range: Range<Int>) -> Range<Int> {
    let start = range.lowerBound + index * Self.pieceElements
    return min(start, range.upperBound)..<min(start + Self.pieceElements, range.upperBound)
  }

  /// For each piece of the longest range, starts its messages, waits for them and calls `use`.
  ///
  /// Both closures receive the index of the piece and its buffers.
  func run(
    longest count: Int,
    start: (Int, Buffers) throws(Failure) -> Void, use: (Int, Buffers) -> Void
  ) throws(Failure) {
    let pieces = (count + Self.pieceElements - 1) / Self.pieceElements
    for turn in 0..<pieces + Self.depth {
      let slot = turn % Self.depth
      let buffers = unsafe Buffers(first: buffers + slot * streams * stride, stride: stride)
      if turn >= Self.depth {
        try communicator.wait(for: .reduceScatter, first: pending[slot])
        use(turn - Self.depth, buffers)
      }
      pending[slot] = 0
      if turn < pieces {
        let before = unsafe communicator.requests.count
        try start(turn, buffers)
        pending[slot] = unsafe communicator.requests.count - before
      }
    }
  }
}
