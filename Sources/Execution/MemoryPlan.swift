/// Where the values of a program stand in one arena, so that values alive at the same time never
/// overlap and others share space.
package struct MemoryPlan {
  /// A block that is needed from one instruction to another, both included.
  package struct Block {
    package var byteCount: Int
    package var first: Int
    package var last: Int

    package init(byteCount: Int, first: Int, last: Int) {
      self.byteCount = byteCount
      self.first = first
      self.last = last
    }
  }

  package let offsets: [Int]
  package let byteCount: Int

  /// Places large blocks first, each at the lowest offset where nothing alive is in its way.
  package init(_ blocks: [Block]) {
    let alignment = 64
    let sizes = blocks.map { ($0.byteCount + alignment - 1) / alignment * alignment }
    let order = blocks.indices.sorted { (sizes[$1], $0) < (sizes[$0], $1) }
    var offsets = [Int](repeating: 0, count: blocks.count)
    var placed: [Int] = []
    var total = 0
    for index in order {
      let block = blocks[index]
      var offset = 0
      for other in placed
      where blocks[other].first <= block.last && block.first <= blocks[other].last {
        if offsets[other] >= offset + sizes[index] { break }
        offset = max(offset, offsets[other] + sizes[other])
      }
      offsets[index] = offset
      total = max(total, offset + sizes[index])
      // Kept in order of offset, so that the scan above finds the lowest gap.
      let place = placed.firstIndex { offsets[$0] > offset } ?? placed.endIndex
      placed.insert(index, at: place)
    }
    self.offsets = offsets
    byteCount = total
  }
}
