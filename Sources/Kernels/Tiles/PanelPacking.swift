/// How a right factor is packed for tiles: written as panels, in pieces that do not depend on each
/// other.
package struct PanelPacking: Hashable, Sendable {
  let panels: Panels
  private let order: Order

  /// How the factor stands.
  private enum Order: Hashable {
    /// As `[columns, inner]`.
    case columns
    /// As `[inner, columns]`, its lines so far apart, from a column on.
    case lines(stride: Int, from: Int)
    /// As `[inner, channels, taps]`, of which the columns are `[taps, channels]`.
    case turned(channels: Int)
  }

  /// A factor that stands as `[columns, inner]`.
  init(columns: Int, inner: Int) {
    panels = Panels(columns: columns, inner: inner)
    order = .columns
  }

  /// The last columns of a factor that stands as `[inner, columns]`.
  init(last columns: Int, of all: Int, inner: Int) {
    panels = Panels(columns: columns, inner: inner)
    order = .lines(stride: all, from: all - columns)
  }

  /// Lines of `[channels, taps]`, whose columns are packed as `[taps, channels]`.
  init(turning channels: Int, columns: Int, inner: Int) {
    panels = Panels(columns: columns, inner: inner)
    order = channels == 1 ? .lines(stride: columns, from: 0) : .turned(channels: channels)
  }

  /// Floats that are written; 0 where the factor is read as it stands.
  package var count: Int { panels.count }

  package var pieceCount: Int { panels.vectors }

  /// Writes some pieces, which are of equal size.
  package func pack(
    _ pieces: Range<Int>, of factor: UnsafePointer<Float>, to packed: UnsafeMutablePointer<Float>
  ) {
    switch order {
    case .columns: unsafe panels.pack(pieces, of: factor, to: packed)
    case .lines(let stride, let first):
      unsafe panels.pack(pieces, ofLines: factor + first, stride: stride, to: packed)
    case .turned(let channels):
      unsafe panels.pack(pieces, turning: channels, of: factor, to: packed)
    }
  }

  /// Writes all of it.
  package func pack(_ factor: UnsafePointer<Float>, to packed: UnsafeMutablePointer<Float>) {
    unsafe pack(0..<pieceCount, of: factor, to: packed)
  }
}
