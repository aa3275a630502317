import Kernels
import TestSupport
import Testing

@Suite struct IndexingTests {
  @Test func rowsAreGatheredAndAdded() {
    let table = Buffer<Float>([1, 2, 3, 4, 5, 6])
    let indices = Buffer<Int32>([2, 0, 2])
    let rows = Buffer<Float>(count: 6)
    unsafe Indexing.gather(rows.start, table.start, indices.start, count: 3, rows: 3, rowBytes: 8)
    #expect(rows.elements == [5, 6, 1, 2, 5, 6] && rows.isGuarded)
    let sums = Buffer<Float>(count: 6)
    unsafe Indexing.scatterAdd(
      sums.start, indices.start, rows.start, count: 3, rows: 3, columns: 2)
    #expect(sums.elements == [1, 2, 0, 0, 10, 12] && sums.isGuarded)
  }

  @Test func oneHot() {
    let y = Buffer<Float>(count: 6)
    unsafe Indexing.oneHot(y.start, Buffer<Int32>([2, 0]).start, count: 2, classes: 3)
    #expect(y.elements == [0, 0, 1, 1, 0, 0] && y.isGuarded)
  }
}
