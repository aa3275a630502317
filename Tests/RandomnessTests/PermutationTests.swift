import Randomness
import Testing

@Suite struct PermutationTests {
  @Test func matchesAnIndependentShuffle() {
    let third = Permutation(count: 10, seed: 7, epoch: 3)
    #expect(third.indices == [2, 4, 7, 3, 1, 8, 6, 5, 0, 9])
    let far = Permutation(count: 10, seed: 7, epoch: 1 << 33 + 1)
    #expect(far.indices == [3, 2, 8, 1, 9, 6, 4, 5, 7, 0])
  }

  @Test(arguments: [0, 1, 2, 3, 10, 1000, 4097])
  func holdsEveryIndexOnce(_ count: Int) {
    for epoch in 0..<3 {
      let order = Permutation(count: count, seed: 11, epoch: epoch)
      #expect(order.indices.sorted() == Array(0..<Int32(count)))
    }
  }

  @Test func seedsAndEpochsDiffer() {
    let first = Permutation(count: 100, seed: 1, epoch: 0)
    #expect(first == Permutation(count: 100, seed: 1, epoch: 0))
    #expect(first != Permutation(count: 100, seed: 1, epoch: 1))
    #expect(first != Permutation(count: 100, seed: 2, epoch: 0))
  }

  /// All six orders of three, equally often.
  @Test func everyOrderIsEquallyLikely() {
    var counts: [[Int32]: Int] = [:]
    for epoch in 0..<12_000 {
      let order = Permutation(count: 3, seed: 3, epoch: epoch)
      counts[order.indices, default: 0] += 1
    }
    #expect(counts.count == 6)
    #expect(counts.values.allSatisfy { (1800...2200).contains($0) })
  }
}
