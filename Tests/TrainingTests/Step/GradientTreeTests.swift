import Communication
import Execution
import Synchronization
import TestSupport
import Testing
import Training

@Suite struct GradientTreeTests {
  /// Not a multiple of any vector's length, and more than a page.
  static let elements = 1237

  @Test(arguments: 1...5, [1, 2, 4])
  func sumsAreThoseOfTheRecursiveTree(_ workers: Int, group: Int) throws {
    let pool = try WorkerPool(count: workers)
    defer { pool.stop() }
    for shards in [0..<1, 0..<2, 0..<4, 0..<8, 0..<16, 5..<11, 3..<4, 8..<16, 21..<32] {
      let tree = try GradientTree(
        shards: shards, workers: workers, elements: GradientTreeTests.elements, shardsAtOnce: group)
      let nodes = TreeNode.covering(shards)
      for leaves in 1...shards.upperBound + 1 {
        let computed = Mutex<[Int]>([])
        // The last shard may not be full.
        let full = leaves - leaves % 2
        let sums = unsafe tree.sum(leaves: leaves, full: full, on: pool) {
          worker, shards, target, adding in
          computed.withLock { $0 += shards }
          let isGroup = shards.count > 1
          #expect(!isGroup || shards.count <= group && shards.upperBound <= full)
          let node = TreeNode(
            level: shards.count.trailingZeroBitCount, index: shards.lowerBound / shards.count)
          for (i, value) in (recursiveSum(node, leaves: leaves) ?? []).enumerated() {
            unsafe target[i] = adding ? target[i] + value : value
          }
        }
        #expect(computed.withLock { $0.sorted() } == shards.filter { $0 < leaves })
        #expect(unsafe sums.count == nodes.count)
        for (place, node) in nodes.enumerated() {
          let expected = recursiveSum(node, leaves: leaves)
          let sum = unsafe sums[place]
          let found = (0..<GradientTreeTests.elements).map { unsafe sum[$0].bitPattern }
          let agrees = expected == nil || found == expected?.map(\.bitPattern)
          #expect(agrees, "\(node) of \(shards) with \(leaves) leaves")
        }
      }
    }
  }

  /// So that the test above means something.
  @Test func anotherOrderGivesOtherBits() {
    let root = recursiveSum(TreeNode(level: 3, index: 0), leaves: 8)
    let inOrder = (1..<8).reduce(leaf(0)) { sum, shard in zip(sum, leaf(shard)).map(+) }
    #expect(root?.map(\.bitPattern) != inOrder.map(\.bitPattern))
  }

  @Test func workersTakeTheirPartsOfTheShards() throws {
    let pool = try WorkerPool(count: 3)
    defer { pool.stop() }
    let tree = try GradientTree(shards: 4..<12, workers: 3, elements: 5)
    let owners = Mutex<[Int: Int]>([:])
    _ = unsafe tree.sum(leaves: 16, full: 16, on: pool) { worker, shards, target, _ in
      owners.withLock { $0[shards.lowerBound] = worker }
      for i in 0..<5 { unsafe target[i] = 0 }
    }
    for worker in 0..<3 {
      for shard in (4..<12).part(worker, of: 3) {
        #expect(owners.withLock { $0[shard] } == worker)
      }
    }
  }
}

/// Numbers of very different size, and -0 in every leaf: adding 0 to it would show.
private func leaf(_ shard: Int) -> [Float] {
  var random = XorShift(seed: UInt64(shard) + 1)
  return (0..<GradientTreeTests.elements).map { i in
    let number = Float(random.number(in: -1...1))
    return i % 5 == 0 ? -0.0 : number * Float(1 << (random.next() % 20))
  }
}

private func recursiveSum(_ node: TreeNode, leaves: Int) -> [Float]? {
  guard node.isPresent(leaves: leaves) else { return nil }
  guard node.level > 0 else { return leaf(node.index) }
  let left = TreeNode(level: node.level - 1, index: 2 * node.index)
  guard let a = recursiveSum(left, leaves: leaves) else { return nil }
  guard let b = recursiveSum(left.sibling, leaves: leaves) else { return a }
  return zip(a, b).map(+)
}
