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
}
