internal import Diagnostics
internal import Kernels

/// An order of a parameter's elements that kernels read, and how it is written: in pieces that do
/// not depend on each other.
protocol WeightForm: Equatable, Sendable {
  var byteCount: Int { get }
  var pieceCount: Int { get }

  /// What writes some pieces; several threads may write different ones at once.
  func packer(
    from source: UnsafePointer<Float>, to target: UnsafeMutableRawPointer
  ) throws(Failure) -> (_ pieces: Range<Int>) -> Void
}

extension WeightForm {
  func isEqual(to other: any WeightForm) -> Bool { (other as? Self) == self }
}

extension PanelPacking: WeightForm {
  var byteCount: Int { 4 * count }

  func packer(
    from source: UnsafePointer<Float>, to target: UnsafeMutableRawPointer
  ) -> (Range<Int>) -> Void {
    let panels = unsafe target.assumingMemoryBound(to: Float.self)
    return { unsafe pack($0, of: source, to: panels) }
  }
}
