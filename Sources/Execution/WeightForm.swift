internal import Diagnostics
internal import Kernels

/// An order of a parameter's elements that kernels read.
///
/// It is written in independent pieces.
protocol WeightForm: Equatable, Sendable {
  var byteCount: Int { get }
  var pieceCount: Int { get }

  /// A closure that writes some pieces; several threads may write different pieces at once.
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
