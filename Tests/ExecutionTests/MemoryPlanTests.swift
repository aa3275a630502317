import Execution
import TestSupport
import Testing

@Suite struct MemoryPlanTests {
  typealias Block = MemoryPlan.Block

  @Test(arguments: 1...300)
  func blocksOfOneTimeAreApart(seed: Int) {
    var generator = XorShift(seed: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15)
    let blocks = (0..<generator.integer(in: 1...40)).map { _ in
      let first = generator.integer(in: 0...30)
      return Block(
        byteCount: generator.integer(in: 0...1000), first: first,
        last: first + generator.integer(in: 0...10))
    }
    let plan = MemoryPlan(blocks)
    let sizes = blocks.map { ($0.byteCount + 63) / 64 * 64 }

    for i in blocks.indices {
      #expect(plan.offsets[i] % 64 == 0)
      #expect(plan.offsets[i] + sizes[i] <= plan.byteCount)
      for j in 0..<i where blocks[i].first <= blocks[j].last && blocks[j].first <= blocks[i].last {
        #expect(
          plan.offsets[i] + sizes[i] <= plan.offsets[j]
            || plan.offsets[j] + sizes[j] <= plan.offsets[i])
      }
    }
    #expect(plan.byteCount <= sizes.reduce(0, +))
    let peak = (0...40).map { time in
      zip(blocks, sizes).reduce(0) { $1.0.first <= time && time <= $1.0.last ? $0 + $1.1 : $0 }
    }
    #expect(plan.byteCount >= peak.max() ?? 0)
    #expect(MemoryPlan(blocks).offsets == plan.offsets)
  }

  /// Each block stands where a search through all that were placed before finds the lowest gap.
  @Test(arguments: 1...100)
  func everyBlockStandsInTheLowestGap(seed: Int) {
    var generator = XorShift(seed: UInt64(seed) &* 0xD1B5_4A32_D192_ED03)
    let sizes = (0...generator.integer(in: 0...9)).map { _ in 64 * generator.integer(in: 0...20) }
    let blocks = (0..<generator.integer(in: 1...200)).map { _ in
      let first = generator.integer(in: 0...100)
      return Block(
        byteCount: sizes[generator.integer(in: 0...sizes.count - 1)], first: first,
        last: first + generator.integer(in: 0...(seed % 2 == 0 ? 8 : 90)))
    }
    var placed: [(block: Block, offset: Int)] = []
    var offsets = [Int](repeating: 0, count: blocks.count)
    // The largest first, of equal ones those that live longest.
    let order = blocks.indices.sorted {
      let (a, b) = (blocks[$0], blocks[$1])
      return (b.byteCount, b.last - b.first, $0) < (a.byteCount, a.last - a.first, $1)
    }
    for index in order {
      let block = blocks[index]
      var offset = 0
      for (other, place) in placed
      where other.first <= block.last && block.first <= other.last
        && place < offset + block.byteCount && place + other.byteCount > offset
      {
        offset = place + other.byteCount
      }
      offsets[index] = offset
      placed.append((block, offset))
      placed.sort { $0.offset < $1.offset }
    }
    #expect(MemoryPlan(blocks).offsets == offsets)
  }

  @Test func aChainNeedsTwoBlocks() {
    let chain = (0..<10).map { Block(byteCount: 256, first: $0, last: $0 + 1) }
    #expect(MemoryPlan(chain).byteCount == 512)
  }

  @Test func smallBlocksShareTheSpaceOfALargeOne() {
    let blocks = [
      Block(byteCount: 64, first: 0, last: 1), Block(byteCount: 128, first: 0, last: 1),
      Block(byteCount: 192, first: 2, last: 3), Block(byteCount: 64, first: 4, last: 4),
    ]
    #expect(MemoryPlan(blocks).byteCount == 192)
  }

  @Test func aHoleIsFilled() {
    let blocks = [
      Block(byteCount: 320, first: 0, last: 0), Block(byteCount: 256, first: 1, last: 9),
      Block(byteCount: 64, first: 1, last: 9), Block(byteCount: 64, first: 0, last: 0),
    ]
    #expect(MemoryPlan(blocks).byteCount == 384)
  }

  @Test func nothingNeedsNothing() {
    #expect(MemoryPlan([]).byteCount == 0)
    #expect(MemoryPlan([Block(byteCount: 0, first: 0, last: 9)]).byteCount == 0)
  }
}
