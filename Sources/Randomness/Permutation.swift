/// The order of 0 ..< count in one epoch, shuffled by Fisher and Yates' method.
package struct Permutation: Sendable, Equatable {
  private let order: [Int32]

  package init(count: Int, seed: UInt64, epoch: Int) {
    self.init(
      count: count, from: RandomStream(seed: seed, purpose: .permutation, major: UInt64(epoch)))
  }

  /// The order that a stream gives, for shuffles that are not an epoch's.
  package init(count: Int, from stream: RandomStream) {
    var order = Array(0..<Int32(count))
    for i in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(i, stream.integer(below: i + 1, at: i))
    }
    self.order = order
  }

  package var count: Int { order.count }

  package subscript(position: Int) -> Int { Int(order[position]) }
}
