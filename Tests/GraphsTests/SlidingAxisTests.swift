import Graphs
import TestSupport
import Testing

@Suite struct SlidingAxisTests {
  /// Extent, kernel, stride, dilation, padding and the positions that PyTorch's `MaxPool1d` gives
  /// with `ceil_mode=True`.
  @Test(arguments: [
    (5, 2, 2, 1, 0, 3), (6, 3, 2, 1, 0, 3), (7, 3, 2, 1, 1, 4), (6, 3, 2, 1, 1, 4),
    (1, 2, 2, 1, 1, 1), (5, 2, 3, 1, 1, 2), (8, 3, 3, 1, 1, 3), (5, 1, 3, 1, 0, 2),
    (10, 3, 4, 2, 1, 3),
  ])
  func roundsUpAsPyTorchDoes(
    extent: Int, kernel: Int, stride: Int, dilation: Int, padding: Int, positions: Int
  ) {
    let axis = SlidingAxis(
      kernel: kernel, stride: stride, dilation: dilation, low: padding, high: padding)
    #expect(axis.roundedUp(along: extent).positions(along: extent) == positions)
  }

  /// Windows are added until they cover the padded map, as long as they begin on the map or before
  /// it.
  @Test func roundsUpByItsDefinition() {
    var generator = XorShift(seed: 89)
    for _ in 0..<2000 {
      let kernel = generator.integer(in: 1...5)
      let axis = SlidingAxis(
        kernel: kernel, stride: generator.integer(in: 1...4),
        dilation: generator.integer(in: 1...2), low: generator.integer(in: 0...kernel / 2),
        high: generator.integer(in: 0...kernel / 2))
      let extent = generator.integer(
        in: max(1, axis.reach - axis.low - axis.high)...20 + axis.reach)
      var count = 1
      while (count - 1) * axis.stride + axis.reach < extent + axis.low + axis.high,
        count * axis.stride < extent + axis.low
      { count += 1 }
      let rounded = axis.roundedUp(along: extent)
      #expect(rounded.positions(along: extent) == count, "\(axis) along \(extent)")
      #expect((rounded.low, rounded.kernel, rounded.stride) == (axis.low, kernel, axis.stride))
    }
  }
}
