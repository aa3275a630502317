internal import CTiles

/// A right factor in vectors of 16 columns, one vector's lines after the other.
struct Panels: Sendable {
  static let lanes = Int(tiles_lanes)

  let columns: Int
  let inner: Int

  private var vectors: Int { (columns + Panels.lanes - 1) / Panels.lanes }

  var count: Int { vectors * Panels.lanes * inner }

  /// Between the vectors, and between the lines of one.
  var vectorStride: Int { Panels.lanes * inner }

  /// Where the vector that the columns do not fill stands; nil if they fill all.
  func rest(in panels: UnsafePointer<Float>) -> UnsafePointer<Float>? {
    columns % Panels.lanes == 0 ? nil : unsafe panels + (vectors - 1) * vectorStride
  }

  /// Arranges a factor that stands as `[columns, inner]`; lanes beyond the last column are zeros.
  func pack(_ factor: UnsafePointer<Float>, to panels: UnsafeMutablePointer<Float>) {
    for column in stride(from: 0, to: columns, by: Panels.lanes) {
      let count = min(Panels.lanes, columns - column)
      let panel = unsafe panels + column * inner
      if count < Panels.lanes { unsafe panel.update(repeating: 0, count: vectorStride) }
      unsafe Transposition.run(
        factor + column * inner, rows: count, columns: inner, stride: inner, to: panel,
        stride: Panels.lanes)
    }
  }

  /// Arranges a factor that stands as `[inner, columns]`, its lines that far apart.
  func pack(
    lines factor: UnsafePointer<Float>, stride: Int, to panels: UnsafeMutablePointer<Float>
  ) {
    let whole = columns / Panels.lanes
    for k in 0..<inner {
      let (from, to) = unsafe (factor + k * stride, panels + k * Panels.lanes)
      for vector in 0..<whole {
        unsafe to.set(from.lanes(at: vector &* Panels.lanes), at: vector &* vectorStride)
      }
      guard whole < vectors else { continue }
      let last = unsafe to + whole * vectorStride
      for lane in 0..<Panels.lanes {
        let column = whole * Panels.lanes + lane
        unsafe last[lane] = column < columns ? from[column] : 0
      }
    }
  }
}
