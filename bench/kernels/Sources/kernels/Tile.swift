/// A block of results in registers, each of them one chain of fused multiply-adds.
///
/// A lane belongs to one result from the first product to the last, so neither the extents of the
/// tile nor the width of the processor's registers reach the bits.
struct Tile<let rows: Int, let vectors: Int> {
  typealias Row = InlineArray<vectors, SIMD16<Float>>

  private var sums = InlineArray<rows, Row>(repeating: Row(repeating: .zero))

  /// The width of a row in elements.
  static var width: Int {
    @inline(__always) get { vectors * 16 }
  }

  /// Chains that have not begun.
  @inline(__always)
  init() {}

  /// Chains that go on from what an earlier tile stored.
  @inline(__always)
  init(_ from: UnsafePointer<Float>, stride: Int) {
    for r in 0..<rows {
      for v in 0..<vectors { sums[r][v] = from.lanes(at: r &* stride &+ v &* 16) }
    }
  }

  /// Continues every chain with `count` products in ascending order.
  ///
  /// Row r takes its left factors from `left + offset(r)`. With constant offsets they become part
  /// of the addresses.
  @inline(__always)
  mutating func add(
    _ count: Int, left: UnsafePointer<Float>, offset: (Int) -> Int, step leftStep: Int,
    right: UnsafePointer<Float>, step rightStep: Int
  ) {
    var (left, right) = (left, right)
    for _ in 0..<count {
      let factors = Row { right.lanes(at: $0 &* 16) }
      for r in 0..<rows {
        let factor = SIMD16<Float>(repeating: left[offset(r)])
        for v in 0..<vectors { sums[r][v].addProduct(factor, factors[v]) }
      }
      left += leftStep
      right += rightStep
    }
  }

  @inline(__always)
  func store(_ to: UnsafeMutablePointer<Float>, stride: Int) {
    for r in 0..<rows {
      for v in 0..<vectors { to.set(sums[r][v], at: r &* stride &+ v &* 16) }
    }
  }

  /// Adds the finished chains to what stands there: one rounding more, as a separate pass would.
  @inline(__always)
  func accumulate(_ to: UnsafeMutablePointer<Float>, stride: Int) {
    for r in 0..<rows {
      for v in 0..<vectors {
        let place = r &* stride &+ v &* 16
        to.set(UnsafePointer(to).lanes(at: place) + sums[r][v], at: place)
      }
    }
  }
}

extension UnsafePointer where Pointee == Float {
  @inline(__always)
  func lanes(at offset: Int) -> SIMD16<Float> {
    UnsafeRawPointer(self + offset).loadUnaligned(as: SIMD16<Float>.self)
  }
}

extension UnsafeMutablePointer where Pointee == Float {
  @inline(__always)
  func set(_ lanes: SIMD16<Float>, at offset: Int) {
    UnsafeMutableRawPointer(self + offset).storeBytes(of: lanes, as: SIMD16<Float>.self)
  }
}
