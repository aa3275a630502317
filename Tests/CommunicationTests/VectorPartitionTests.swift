import Testing

import Communication

@Suite struct VectorPartitionTests {
  @Test(arguments: 1...17, [0, 1, 4095, 4096, 4097, 8193, 100_000])
  func `Slices divide the vector in whole chunks`(ranks: Int, elements: Int) {
    let slices = VectorPartition.ranges(elements: elements, ranks: ranks)
    #expect(slices.count == ranks)
    let inOrder = slices.filter { !$0.isEmpty }.sorted { $0.lowerBound < $1.lowerBound }
    var end = 0
    for slice in inOrder {
      #expect(slice.lowerBound == end && slice.lowerBound % VectorPartition.chunk == 0)
      end = slice.upperBound
    }
    #expect(end == elements)
    let fair = (elements + VectorPartition.chunk - 1) / VectorPartition.chunk / ranks
    for slice in slices { #expect(slice.count <= (fair + 1) * VectorPartition.chunk) }
  }

  @Test func `Parts divide a range evenly and in order`() {
    for count in 0...20 {
      for parts in 1...9 {
        let all = (0..<parts).map { (5..<5 + count).part($0, of: parts) }
        #expect(all.flatMap { Array($0) } == Array(5..<5 + count))
        #expect(all.allSatisfy { $0.count == count / parts || $0.count == count / parts + 1 })
      }
    }
  }
}
