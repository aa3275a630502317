/// Transposes matrices in blocks of 16 x 16 elements that stay in registers.
enum Transposition {
  /// Row i, column j of the source goes to row j, column i of the target.
  static func run(
    _ source: UnsafePointer<Float>, rows: Int, columns: Int, stride: Int,
    to target: UnsafeMutablePointer<Float>, stride targetStride: Int
  ) {
    let (wholeRows, wholeColumns) = (rows & ~15, columns & ~15)
    for row in Swift.stride(from: 0, to: wholeRows, by: 16) {
      for column in Swift.stride(from: 0, to: wholeColumns, by: 16) {
        unsafe block(
          source + row * stride + column, stride: stride,
          to: target + column * targetStride + row, stride: targetStride)
      }
    }
    for row in 0..<rows {
      for column in (row < wholeRows ? wholeColumns : 0)..<columns {
        unsafe target[column * targetStride + row] = source[row * stride + column]
      }
    }
  }

  /// Four perfect shuffles of rows i and i + 8 exchange rows and lanes.
  @inline(__always)
  private static func block(
    _ source: UnsafePointer<Float>, stride: Int, to target: UnsafeMutablePointer<Float>,
    stride targetStride: Int
  ) {
    var rows = InlineArray<16, SIMD16<Float>> { unsafe source.lanes(at: $0 &* stride) }
    for _ in 0..<4 {
      var next = rows
      for i in 0..<8 {
        next[2 &* i] = interleave(rows[i].lowHalf, rows[i &+ 8].lowHalf)
        next[2 &* i &+ 1] = interleave(rows[i].highHalf, rows[i &+ 8].highHalf)
      }
      rows = next
    }
    for i in 0..<16 { unsafe target.set(rows[i], at: i &* targetStride) }
  }

  @inline(__always)
  private static func interleave(_ even: SIMD8<Float>, _ odd: SIMD8<Float>) -> SIMD16<Float> {
    var lanes = SIMD16<Float>()
    lanes.evenHalf = even
    lanes.oddHalf = odd
    return lanes
  }
}
