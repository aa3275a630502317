internal import CTiles

/// A sum of matrix products over shards, in tiles that stay in registers: the gradient of many
/// shards is written once.
///
/// Each product is a chain as in `TiledProduct`, or several where it has many lines. The chains of a
/// shard are added in order, shards over a balanced binary tree, each with the rounding of a
/// separate addition.
package struct TiledSum: Sendable {
  /// The largest number of shards, which must be a power of two.
  package static let maximumShards = Int(tiles_most_leaves)

  /// The most lines of a chain: longer ones lose accuracy, and their factors leave the caches.
  private static let chainLines = 512

  private let shapes: [MatrixProductShape]
  /// The lines of each chain, and the product that it belongs to.
  private let chains: [(product: Int, lines: Range<Int>)]

  /// Products whose results have one shape.
  package init(_ shapes: [MatrixProductShape]) {
    self.shapes = shapes
    chains = shapes.enumerated().flatMap { product, shape in
      stride(from: 0, to: shape.inner, by: TiledSum.chainLines).map {
        (product, $0..<min($0 + TiledSum.chainLines, shape.inner))
      }
    }
  }

  /// The factors of one product, and their strides from one shard to the next.
  @safe package struct Factors {
    let left: UnsafePointer<Float>
    let right: UnsafePointer<Float>
    let strides: (left: Int, right: Int)

    package init(
      _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>,
      strides: (left: Int, right: Int)
    ) {
      unsafe (self.left, self.right) = (left, right)
      self.strides = strides
    }
  }

  /// Floats of scratch memory for each shard.
  package var scratchCount: Int {
    tiles_sum_floats(
      shapes[0].rows, shapes[0].columns, chains.reduce(0) { $0 + $1.lines.count },
      chains.reduce(0) { max($0, $1.lines.count) })
  }

  /// Writes the sum over the shards, or adds it to the result.
  package func run(
    _ result: UnsafeMutablePointer<Float>, shards: Int, adding: Bool,
    scratch: UnsafeMutablePointer<Float>, factors: (_ product: Int) -> Factors
  ) {
    unsafe withUnsafeTemporaryAllocation(of: tiles_term_t.self, capacity: chains.count) { terms in
      for (chain, (product, lines)) in chains.enumerated() {
        let (shape, factors) = (shapes[product], factors(product))
        let (left, right) = (shape.transposeLeft, shape.transposeRight)
        let (leftStep, rightStep) = (left ? shape.rows : 1, right ? 1 : shape.columns)
        unsafe terms.initializeElement(
          at: chain,
          to: tiles_term_t(
            left: factors.left + lines.lowerBound * leftStep,
            right: factors.right + lines.lowerBound * rightStep, inner: lines.count,
            leftRow: left ? 1 : shape.inner, leftStep: leftStep,
            leftLeaf: factors.strides.left, rightColumn: right ? shape.inner : 1,
            rightStep: rightStep, rightLeaf: factors.strides.right))
      }
      guard let start = terms.baseAddress else { return }
      var sum = unsafe tiles_sum_t(
        result: result, rows: shapes[0].rows, columns: shapes[0].columns, terms: start,
        count: chains.count, leaves: shards, adds: adding, panels: scratch)
      unsafe tiles_sum(&sum)
    }
  }
}
