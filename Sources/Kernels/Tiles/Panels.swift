internal import CTiles

/// A right factor in vectors of 16 columns, one vector's lines after the other.
struct Panels: Hashable, Sendable {
  static let lanes = Int(tiles_lanes)

  let columns: Int
  let inner: Int

  var vectors: Int { (columns + Panels.lanes - 1) / Panels.lanes }

  var count: Int { vectors * Panels.lanes * inner }

  /// Floats between two vectors.
  var vectorStride: Int { Panels.lanes * inner }

  /// The address of the vector that the columns do not fill; nil if they fill all.
  func rest(in panels: UnsafePointer<Float>) -> UnsafePointer<Float>? {
    columns % Panels.lanes == 0 ? nil : unsafe panels + (vectors - 1) * vectorStride
  }

  /// Writes some vectors of a factor `[columns, inner]` whose columns are `stride` apart; lanes
  /// beyond the last column are zeros.
  func pack(
    _ vectors: Range<Int>, of factor: UnsafePointer<Float>, stride: Int? = nil,
    to panels: UnsafeMutablePointer<Float>
  ) {
    let stride = stride ?? inner
    for vector in vectors {
      let column = vector * Panels.lanes
      let count = min(Panels.lanes, columns - column)
      let panel = unsafe panels + column * inner
      if count < Panels.lanes { unsafe panel.update(repeating: 0, count: vectorStride) }
      unsafe Transposition.run(
        factor + column * stride, rows: count, columns: inner, stride: stride, to: panel,
        stride: Panels.lanes)
    }
  }

  /// Writes some vectors of a factor `[inner, columns]` whose lines are `stride` apart.
  func pack(
    _ vectors: Range<Int>, ofLines factor: UnsafePointer<Float>, stride: Int,
    to panels: UnsafeMutablePointer<Float>
  ) {
    let whole = min(columns / Panels.lanes, vectors.upperBound)
    // A few vectors at once: reads are consecutive, and only a few places are written in turn.
    for first in Swift.stride(from: vectors.lowerBound, to: whole, by: Panels.block) {
      let end = min(first + Panels.block, whole)
      for k in 0..<inner {
        let (from, to) = unsafe (factor + k * stride, panels + k * Panels.lanes)
        for vector in first..<end {
          unsafe to.set(from.lanes(at: vector &* Panels.lanes), at: vector &* vectorStride)
        }
      }
    }
    guard whole < vectors.upperBound else { return }
    let last = unsafe panels + whole * vectorStride
    for k in 0..<inner {
      for lane in 0..<Panels.lanes {
        let column = whole * Panels.lanes + lane
        unsafe last[k * Panels.lanes + lane] = column < columns ? factor[k * stride + column] : 0
      }
    }
  }

  /// Writes some vectors of a factor whose lines are `[channels, taps]`, with their columns as
  /// `[taps, channels]`.
  func pack(
    _ vectors: Range<Int>, turning channels: Int, of factor: UnsafePointer<Float>,
    to panels: UnsafeMutablePointer<Float>
  ) {
    let taps = columns / channels
    for vector in vectors {
      let panel = unsafe panels + vector * vectorStride
      for lane in 0..<Panels.lanes {
        let column = vector * Panels.lanes + lane
        let place = column % channels * taps + column / channels
        for k in 0..<inner {
          unsafe panel[k * Panels.lanes + lane] =
            column < columns ? factor[k * columns + place] : 0
        }
      }
    }
  }

  private static let block = 8
}
