import Testing

import HDF5Files

@Suite struct ShapesTests {
  @Test func countsAreExactOrRefused() {
    #expect(elementCount([]) == 1)
    #expect(elementCount([3, 0, 5]) == 0)
    #expect(elementCount([1 << 31, 1 << 31]) == 1 << 62)
    #expect(elementCount([1 << 32, 1 << 32]) == nil)
    #expect(elementCount([2, -1]) == nil)
    #expect(elementCount([0, -1]) == nil)
  }

  @Test(arguments: [
    [1], [262_144], [262_145], [10_000_000], [1000, 300], [3, 1_000_000], [64, 3, 7, 7],
    [512, 512, 3, 3], [1, 1, 1],
  ])
  func chunksAreSmallAndWasteLittle(shape: [Int]) {
    let chunk = chunkShape(shape, elementSize: 4)
    #expect(chunk.count == shape.count)
    #expect(chunk.reduce(4, *) <= 1 << 20)
    let stored = zip(shape, chunk).map { ($0 + $1 - 1) / $1 * $1 }.reduce(1, *)
    #expect(Double(stored) <= 1.1 * Double(shape.reduce(1, *)))
  }
}
