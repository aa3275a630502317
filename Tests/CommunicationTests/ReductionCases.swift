import Communication
import TestSupport
import XCTest

/// The reduction at any number of ranks: under `mpirun` by `run-ranks.sh`, alone otherwise.
final class ReductionCases: XCTestCase {
  private let shards = 16

  /// What shard `shard` contributes, the same whoever asks; some elements are -0 in all shards.
  private func gradient(_ shard: Int, _ count: Int) -> [Float] {
    var random = SplitMix(seed: UInt64(shard * 1_000_003 + count))
    return (0..<count).map { $0 % 7 == 0 || ($0 + shard) % 5 == 0 ? -0.0 : random.float() }
  }

  /// The sum of a node's present leaves by recursion.
  private func sum(_ node: TreeNode, _ leaves: Int, _ count: Int) -> [Float]? {
    guard node.isPresent(leaves: leaves) else { return nil }
    guard node.level > 0 else { return gradient(node.index, count) }
    let left = TreeNode(level: node.level - 1, index: node.index * 2)
    guard let a = sum(left, leaves, count) else { return nil }
    guard let b = sum(left.sibling, leaves, count) else { return a }
    return zip(a, b).map { $0 + $1 }
  }

  private func copy(_ values: [Float]) -> UnsafeMutablePointer<Float> {
    let memory = UnsafeMutablePointer<Float>.allocate(capacity: values.count + 1)
    unsafe memory.initialize(from: values, count: values.count)
    return unsafe memory
  }

  private func checkSum(elements: Int, leaves: Int) throws {
    let group = Group.communicator
    let reduction = try group.prepareReduction(elements: elements, shards: shards)
    let expected = sum(TreeNode(level: 4, index: 0), leaves, elements) ?? []
    XCTAssertEqual(
      reduction.nodes, TreeNode.covering((0..<shards).part(group.rank, of: group.size)))
    for _ in 0..<2 {
      let partials = unsafe reduction.nodes.map { node in
        unsafe copy(sum(node, leaves, elements) ?? Array(repeating: .nan, count: elements))
      }
      let total = try unsafe reduction.reduceScatter(partials, leaves: leaves)
      let wrong = reduction.part.filter { unsafe total[$0].bitPattern != expected[$0].bitPattern }
      XCTAssertEqual(
        wrong.count, 0, "first at \(wrong.first ?? 0) of \(elements), \(leaves) leaves")
      if group.size == 1 { unsafe XCTAssertEqual(total, partials[0]) }

      let whole = unsafe copy(Array(repeating: .nan, count: elements))
      for i in reduction.part { unsafe whole[i] = total[i] }
      try unsafe group.allGather(whole, reduction.gatherPlan)
      let gathered = (0..<elements).filter {
        unsafe whole[$0].bitPattern != expected[$0].bitPattern
      }
      XCTAssertEqual(gathered.count, 0, "gathered: first at \(gathered.first ?? 0) of \(elements)")
      unsafe whole.deallocate()
      unsafe partials.forEach { unsafe $0.deallocate() }
    }
  }

  func testSumsHaveTheBitsOfTheSequentialTree() throws {
    for elements in [0, 1, 4095, 4096, 4097, 100_000, 300_001] {
      try checkSum(elements: elements, leaves: shards)
    }
  }

  func testAbsentLeavesAddNothing() throws {
    for leaves in 1...shards {
      try checkSum(elements: 9000 + leaves, leaves: leaves)
    }
  }

  func testMessagesTravelInPieces() throws {
    let group = Group.communicator
    defer { group.pieceBytes = 1 << 30 }
    group.pieceBytes = 1000
    try checkSum(elements: 20_001, leaves: shards)
    try checkSum(elements: 20_001, leaves: 5)
  }

  /// In an order of additions that is not known; numbers are up to 2000.
  func testNativeSumsAreNearTheSequentialOnes() throws {
    let group = Group.communicator
    defer { group.pieceBytes = 1 << 30 }
    for (elements, pieceBytes) in [(1, 1 << 30), (5000, 1 << 30), (70_001, 40_000)] {
      group.pieceBytes = pieceBytes
      let reduction = try group.prepareReduction(
        elements: elements, shards: shards, method: .native)
      for leaves in [1, 7, shards] {
        let expected = sum(TreeNode(level: 4, index: 0), leaves, elements) ?? []
        let partials = unsafe reduction.nodes.map { node in
          unsafe copy(sum(node, leaves, elements) ?? Array(repeating: .nan, count: elements))
        }
        let total = try unsafe reduction.reduceScatter(partials, leaves: leaves)
        let wrong = (0..<elements).filter { unsafe !(abs(total[$0] - expected[$0]) < 0.01) }
        XCTAssertEqual(wrong.first, nil, "of \(elements), \(leaves) leaves")
        unsafe partials.forEach { unsafe $0.deallocate() }
      }
    }
  }

  func testTimesAreMeasured() throws {
    let times = try ReductionTimes(Group.communicator, elements: 5000, seconds: 0.01)
    XCTAssertEqual(times.bytes, 20_000)
    XCTAssertTrue(times.ordered > 0 && times.native > 0)
  }

  func testMoreRanksThanShardsAreRefused() throws {
    let group = Group.communicator
    if group.size > 1 {
      XCTAssertThrowsError(try group.prepareReduction(elements: 1, shards: 1))
    }
  }
}
