/// Noise that the caller brings for each step, instead of what would be drawn from the seed.
///
/// Workers only read it, and it changes only between steps.
@safe package final class GivenNoise: @unchecked Sendable {
  /// Room for that of all samples of a batch, one after the other.
  package let numbers: UnsafeMutableBufferPointer<Float>
  private let size: Int

  /// Room for so many samples of so many numbers.
  package init(samples: Int, size: Int) {
    self.size = size
    unsafe numbers = .allocate(capacity: samples * size)
    unsafe numbers.initialize(repeating: 0)
  }

  deinit { unsafe numbers.deallocate() }

  /// Copies that of the samples from `first` on.
  func copy(from first: Int, to target: UnsafeMutableBufferPointer<Float>) {
    guard let source = unsafe numbers.baseAddress else { return }
    unsafe target.baseAddress?.update(from: source + first * size, count: target.count)
  }
}
