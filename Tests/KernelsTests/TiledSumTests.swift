import Kernels
import TestSupport
import Testing

@Suite struct TiledSumTests {
  private static let sizes = [
    (5, 3, 40), (16, 9, 10), (13, 16, 31), (1, 4, 16), (7, 2, 50), (20, 1, 7),
    // Several chains, and factors that are taken block by block.
    (3, 1024, 5), (10, 1300, 33), (261, 510, 37), (145, 1000, 16),
  ]

  /// Each product is a chain of each 512 lines, a shard adds its chains in turn, and shards are
  /// added as a tree.
  @Test(arguments: sizes, [1, 2, 4, 16])
  func sumsAreThoseOfTheTree(_ size: (rows: Int, inner: Int, columns: Int), shards: Int) {
    NumericThread.prepare()
    let (rows, columns) = (size.rows, size.columns)
    // Products of other lengths, and all ways to stand.
    let shapes = [(true, false), (false, true), (false, false)].enumerated().map { number, stand in
      MatrixProductShape(
        batch: 1, rows: rows, inner: size.inner + number, columns: columns,
        transposeLeft: stand.0, transposeRight: stand.1)
    }
    var generator = XorShift(seed: 57)
    for count in 1...shapes.count {
      let products = Array(shapes[..<count])
      // A gap between the shards of each factor.
      let factors = products.map { shape in
        (
          left: generator.floats(shards * (rows * shape.inner + 3)),
          right: generator.floats(shards * (columns * shape.inner + 5))
        )
      }
      let strides = products.map { (left: rows * $0.inner + 3, right: columns * $0.inner + 5) }
      let leaves = (0..<shards).map { shard in
        var sum: [Float]?
        for (place, shape) in products.enumerated() {
          let (factor, stride) = (factors[place], strides[place])
          let left = Array(factor.left[(shard * stride.left)...])
          let right = Array(factor.right[(shard * stride.right)...])
          for first in Swift.stride(from: 0, to: shape.inner, by: 512) {
            let chain = chains(
              left, right, shape, lines: first..<min(first + 512, shape.inner))
            sum = sum.map { zip($0, chain).map(+) } ?? chain
          }
        }
        return sum ?? []
      }
      let total = treeSum(leaves)
      let before = generator.floats(rows * columns)
      let sum = TiledSum(products)
      let scratch = Buffer<Float>(count: shards * sum.scratchCount)
      let (made, added) = (Buffer<Float>(count: rows * columns), Buffer(before, shift: 2))
      let (lefts, rights) = (
        factors.map { Buffer($0.left, shift: 1) }, factors.map { Buffer($0.right, shift: 3) }
      )
      for (result, isAdding) in [(made, false), (added, true)] {
        unsafe sum.run(
          result.start, shards: shards, adding: isAdding, scratch: scratch.start
        ) {
          unsafe TiledSum.Factors(lefts[$0].start, rights[$0].start, strides: strides[$0])
        }
      }
      #expect(made.elements.map(\.bitPattern) == total.map(\.bitPattern))
      #expect(
        added.elements.map(\.bitPattern) == zip(before, total).map { ($0 + $1).bitPattern })
      #expect(made.isGuarded && added.isGuarded && scratch.isGuarded)
    }
  }

  /// What is added is rounded as by passes over whole vectors.
  @Test(arguments: [1, 2, 4, 8, 16], [1, 255, 256, 700])
  func vectorsAreAddedAsATree(leaves: Int, count: Int) {
    var generator = XorShift(seed: 58)
    let gap = count + 9
    let (source, before) = (generator.floats(leaves * gap), generator.floats(count))
    let total = treeSum((0..<leaves).map { Array(source[($0 * gap)..<($0 * gap + count)]) })
    let vectors = Buffer(source)
    let scratch = Buffer<Float>(count: leaves * TreeSum.scratchCount)
    for isAdding in [false, true] {
      let target = Buffer(before)
      unsafe TreeSum.run(
        target.start, vectors.start, stride: gap, leaves: leaves, count: count, adding: isAdding,
        scratch: scratch.start)
      let expected = isAdding ? zip(before, total).map(+) : total
      #expect(target.elements.map(\.bitPattern) == expected.map(\.bitPattern))
      #expect(target.isGuarded && scratch.isGuarded)
    }
  }
}

/// Two neighbours, then two pairs.
private func treeSum(_ vectors: [[Float]]) -> [Float] {
  var sums = vectors
  while sums.count > 1 {
    sums = stride(from: 0, to: sums.count, by: 2).map { zip(sums[$0], sums[$0 + 1]).map(+) }
  }
  return sums[0]
}
