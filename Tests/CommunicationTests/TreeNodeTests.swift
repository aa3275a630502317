import Testing

import Communication

/// The sum of the leaves as the definition has it: recursion from the root.
private func sequentialSum(_ node: TreeNode, _ leaves: [Float]) -> Float? {
  guard node.level > 0 else { return node.index < leaves.count ? leaves[node.index] : nil }
  let left = TreeNode(level: node.level - 1, index: node.index * 2)
  guard let a = sequentialSum(left, leaves) else { return nil }
  guard let b = sequentialSum(left.sibling, leaves) else { return a }
  return a + b
}

/// What remains of the sums of neighbouring nodes after all additions among them.
private func merged(_ nodes: [TreeNode], _ sums: [Float?]) -> [(node: TreeNode, sum: Float?)] {
  var sums = sums
  var gone: Set<Int> = []
  var merged = nodes
  for merge in TreeNode.merges(of: nodes) {
    if let right = sums[merge.from] { sums[merge.into] = (sums[merge.into] ?? .nan) + right }
    merged[merge.into] = merged[merge.into].parent
    gone.insert(merge.from)
  }
  return nodes.indices.filter { !gone.contains($0) }.map { (merged[$0], sums[$0]) }
}

/// Values of very different size, so that another order gives other bits; -0 among them.
private func testLeaves(_ count: Int) -> [Float] {
  var random = SplitMix(seed: UInt64(count))
  return (0..<count).map { $0 % 7 == 3 ? -0.0 : random.float() }
}

@Suite struct TreeNodeTests {
  @Test(arguments: [1, 2, 4, 8, 16, 32, 64])
  func `Any ranks, workers and leaves give the bits of the sequential tree`(shards: Int) {
    let root = TreeNode(level: shards.trailingZeroBitCount, index: 0)
    for leaves in 1...shards {
      let values = testLeaves(leaves)
      let expected = sequentialSum(root, values)
      for ranks in 1...shards {
        var nodes: [TreeNode] = []
        var sums: [Float?] = []
        for rank in 0..<ranks {
          let run = (0..<shards).part(rank, of: ranks)
          let workers = (0..<1 + rank % 3).map { run.part($0, of: 1 + rank % 3) }
          let ofWorkers = workers.flatMap { range in
            merged(
              range.map { TreeNode(level: 0, index: $0) },
              range.map { $0 < leaves ? values[$0] : nil })
          }
          let ofRank = merged(ofWorkers.map(\.node), ofWorkers.map(\.sum))
          #expect(ofRank.map(\.node) == TreeNode.covering(run))
          nodes += ofRank.map(\.node)
          sums += ofRank.map(\.sum)
        }
        #expect(nodes.map { $0.isPresent(leaves: leaves) } == sums.map { $0 != nil })
        let total = merged(nodes, sums)
        #expect(total.count == 1 && total[0].node == root)
        #expect(total[0].sum?.bitPattern == expected?.bitPattern)
      }
    }
  }

  @Test func `A covering is complete, aligned and maximal`() {
    for low in 0...40 {
      for high in low...40 {
        let nodes = TreeNode.covering(low..<high)
        #expect(nodes.flatMap(\.leaves) == Array(low..<high))
        for (left, right) in zip(nodes, nodes.dropFirst()) {
          #expect(left.sibling != right || left.index & 1 == 1)
        }
      }
    }
    #expect(TreeNode.covering(21..<42).map(\.level) == [0, 1, 3, 3, 1])
  }

  @Test func `Another tree gives other bits`() {
    let values = testLeaves(64)
    let inOrder = values.dropFirst().reduce(values[0], +)
    #expect(inOrder != sequentialSum(TreeNode(level: 6, index: 0), values))
  }
}
