/// The packing of a right factor as panels, in independent pieces.
package struct PanelPacking: Hashable, Sendable {
  let panels: Panels
  private let order: Order

  /// The order of the factor in memory.
  private enum Order: Hashable {
    /// `[columns, inner]`.
    case columns
    /// `[inner, columns]` from a column on, with a stride between lines.
    case lines(stride: Int, from: Int)
    /// `[inner, channels, taps]`, whose columns are packed as `[taps, channels]`.
    case turned(channels: Int)
  }

  /// A factor `[columns, inner]`.
  init(columns: Int, inner: Int) {
    panels = Panels(columns: columns, inner: inner)
    order = .columns
  }

  /// The last columns of a factor `[inner, columns]`.
  init(last columns: Int, of all: Int, inner: Int) {
    panels = Panels(columns: columns, inner: inner)
    order = .lines(stride: all, from: all - columns)
  }

  /// Lines of `[channels, taps]`, whose columns are packed as `[taps, channels]`.
  init(turning channels: Int, columns: Int, inner: Int) {
    panels = Panels(columns: columns, inner: inner)
    order = channels == 1 ? .lines(stride: columns, from: 0) : .turned(channels: channels)
  }

  /// The number of packed floats; 0 if the factor is read in place.
  package var count: Int { panels.count }

  package var pieceCount: Int { panels.vectors }

  /// Writes some of the pieces, which have equal sizes.
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

  /// Writes all pieces.
  package func pack(_ factor: UnsafePointer<Float>, to packed: UnsafeMutablePointer<Float>) {
    unsafe pack(0..<pieceCount, of: factor, to: packed)
  }
}
