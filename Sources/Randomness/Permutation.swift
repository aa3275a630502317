/// The order of 0 ..< count in one epoch, shuffled by Fisher and Yates' method.
package struct Permutation: Sendable, Equatable {
  package let indices: [Int32]

  package init(count: Int, seed: UInt64, epoch: Int) {
    self.init(
      count: count, from: RandomStream(seed: seed, purpose: .permutation, major: UInt64(epoch)))
  }

  /// The order that a stream gives, for shuffles that are not an epoch's.
  package init(count: Int, from stream: RandomStream) {
    var indices = Array(0..<Int32(count))
    for i in stride(from: count - 1, to: 0, by: -1) {
      indices.swapAt(i, stream.integer(below: i + 1, at: i))
    }
    self.indices = indices
  }
}
