internal import CTiles

/// A sum of matrix products over shards that stay apart, in tiles of results that stay in registers: what
/// many shards make of one gradient is written once.
///
/// Each product is a fixed chain as in `TiledProduct`. A shard adds its products up in turn; shards are
/// added over a balanced binary tree, each addition rounded as a pass of its own would.
package struct TiledSum: Sendable {
  /// A number of shards that is added at once must be a power of two up to this one.
  package static let mostShards = Int(tiles_most_leaves)

  private let shapes: [MatrixProductShape]

  /// Products of results of one shape.
  package init(_ shapes: [MatrixProductShape]) { self.shapes = shapes }

  /// The factors of one product, and how far those of a shard stand behind those of the shard before.
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
    shapes.reduce(0) { $0 + $1.inner } * tiles_sum_floats(shapes[0].rows)
  }

  /// Writes the sum over so many shards, or adds it to what stands there.
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
