internal import CTiles

/// A sum of matrix products over shards, in tiles that stay in registers: the gradient of many
/// shards is written once.
///
/// Each product is a chain as in `TiledProduct`. The products of a shard are added in order, shards
/// over a balanced binary tree, each with the rounding of a separate addition.
package struct TiledSum: Sendable {
  /// The largest number of shards, which must be a power of two.
  package static let maximumShards = Int(tiles_most_leaves)

  private let shapes: [MatrixProductShape]

  /// Products whose results have one shape.
  package init(_ shapes: [MatrixProductShape]) { self.shapes = shapes }

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
    let lines = shapes.reduce(0) { $0 + $1.inner }
    let rows = shapes[0].rows
    let isLong = tiles_sum_is_long(rows, TiledSum.maximumShards * lines)
    return lines * tiles_sum_floats(rows) + (isLong ? tiles_sum_waiting(rows) : 0)
  }

  /// Writes the sum over the shards, or adds it to the result.
  package func run(
    _ result: UnsafeMutablePointer<Float>, shards: Int, adding: Bool,
    scratch: UnsafeMutablePointer<Float>, factors: (_ product: Int) -> Factors
  ) {
    unsafe withUnsafeTemporaryAllocation(of: tiles_term_t.self, capacity: shapes.count) { terms in
      for (product, shape) in shapes.enumerated() {
        let factors = factors(product)
        let (left, right) = (shape.transposeLeft, shape.transposeRight)
        unsafe terms.initializeElement(
          at: product,
          to: tiles_term_t(
            left: factors.left, right: factors.right, inner: shape.inner,
            leftRow: left ? 1 : shape.inner, leftStep: left ? shape.rows : 1,
            leftLeaf: factors.strides.left, rightColumn: right ? shape.inner : 1,
            rightStep: right ? 1 : shape.columns, rightLeaf: factors.strides.right))
      }
      guard let start = terms.baseAddress else { return }
      var sum = unsafe tiles_sum_t(
        result: result, rows: shapes[0].rows, columns: shapes[0].columns, terms: start,
        count: shapes.count, leaves: shards, adds: adding, panels: scratch)
      unsafe tiles_sum(&sum)
    }
  }
}
