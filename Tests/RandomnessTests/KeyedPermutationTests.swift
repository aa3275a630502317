import Randomness
import Testing

@Suite struct KeyedPermutationTests {
  private func order(_ count: Int, seed: UInt64 = 3, epoch: Int = 0) -> [Int32] {
    KeyedPermutation(count: count, seed: seed, epoch: epoch).indices(at: 0..<count)
  }

  @Test(arguments: [1, 2, 3, 4, 5, 15, 16, 17, 63, 64, 65, 1000, 4095, 4096, 4097, 100_000])
  func eachNumberOnce(_ count: Int) {
    #expect(order(count).sorted() == Array(0..<Int32(count)))
  }

  @Test func aPartIsThatOfTheWhole() {
    let whole = order(70_000)
    let permutation = KeyedPermutation(count: 70_000, seed: 3, epoch: 0)
    #expect(permutation.indices(at: 69_990..<70_000)[...] == whole[69_990...])
    #expect(permutation.indices(at: 41..<43)[...] == whole[41..<43])
  }

  @Test func seedsAndEpochsDiffer() {
    let one = order(1000)
    #expect(one == order(1000))
    for other in [order(1000, seed: 4), order(1000, epoch: 1)] {
      // Two random orders agree at one place on average.
      #expect(zip(one, other).count(where: ==) < 8)
    }
  }

  /// Neighbours are as far apart as random numbers: a third of the count on average.
  @Test func neighboursAreFarApart() {
    let whole = order(1 << 16)
    let distances = zip(whole, whole.dropFirst()).map { abs(Double($0) - Double($1)) }
    let mean = distances.reduce(0, +) / Double(distances.count)
    #expect(abs(mean / Double(whole.count) - 1.0 / 3) < 0.005)
  }

  /// Runs of large datasets must stay what they are.
  @Test func theOrderIsPinned() {
    let permutation = KeyedPermutation(count: 160_000_000, seed: 1, epoch: 2)
    #expect(permutation.indices(at: 0..<4) == [5_961_323, 141_864_215, 4_818_544, 31_682_821])
  }
}
