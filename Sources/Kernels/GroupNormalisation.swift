/// Group normalisation of `samples` with `places` of `channels` each, in `groups` of neighbouring
/// channels, and its gradient.
///
/// Sums over the places are computed for each channel and then added up in each group, so that
/// loops over channels are vector code for groups of any size.
@safe package struct GroupNormalisation: Sendable {
  private let samples: Int
  private let places: Int
  private let channels: Int
  private let groups: Int
  private let epsilon: Float

  package init(samples: Int, places: Int, channels: Int, groups: Int, epsilon: Double) {
    self.samples = samples
    self.places = places
    self.channels = channels
    self.groups = groups
    self.epsilon = Float(epsilon)
  }

  private var size: Int { places * channels }
  private var width: Int { channels / groups }

  @inline(__always)
  private func inverse(_ variance: Float) -> Float { 1 / (variance + epsilon).squareRoot() }

  /// y = (x - mean) scale / deviation + shift, and the mean and the variance of each group of each
  /// sample; results that are nil are not written.
  package func normalise(
    _ y: UnsafeMutablePointer<Float>?, mean: UnsafeMutablePointer<Float>?,
    variance: UnsafeMutablePointer<Float>?, _ x: UnsafePointer<Float>,
    scale: UnsafePointer<Float>, shift: UnsafePointer<Float>
  ) {
    unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: 3 * channels) { buffer in
      guard let block = buffer.baseAddress else { return }
      let (center, factor) = unsafe (block + channels, block + 2 * channels)
      for sample in 0..<samples {
        let x = unsafe x + sample * size
        unsafe sumPlaces(center, block) { element, _ in unsafe x[element] }
        unsafe average(center)
        unsafe sumPlaces(factor, block) { element, c in
          let deviation = unsafe x[element] - center[c]
          return deviation * deviation
        }
        unsafe average(factor)
        for group in 0..<groups {
          unsafe mean?[sample * groups + group] = center[group * width]
          unsafe variance?[sample * groups + group] = factor[group * width]
        }
        guard let y = unsafe y.map({ unsafe $0 + sample * size }) else { continue }
        for c in 0..<channels { unsafe factor[c] = inverse(factor[c]) * scale[c] }
        for row in stride(from: 0, to: size, by: channels) {
          let (y, x) = unsafe (y + row, x + row)
          for c in 0..<channels { unsafe y[c] = (x[c] - center[c]) * factor[c] + shift[c] }
        }
      }
    }
  }

  /// The gradients by x, scale and shift of the gradient g of the result; results that are nil are
  /// not computed.
  ///
  /// That by x may overwrite g.
  package func gradients(
    _ dx: UnsafeMutablePointer<Float>?, scale byScale: UnsafeMutablePointer<Float>?,
    shift byShift: UnsafeMutablePointer<Float>?, _ x: UnsafePointer<Float>,
    _ g: UnsafePointer<Float>, mean: UnsafePointer<Float>, variance: UnsafePointer<Float>,
    scale: UnsafePointer<Float>
  ) {
    unsafe byScale?.update(repeating: 0, count: channels)
    unsafe byShift?.update(repeating: 0, count: channels)
    unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: 5 * channels) { buffer in
      guard let block = buffer.baseAddress else { return }
      let (center, inverses) = unsafe (block + channels, block + 2 * channels)
      let (level, slope) = unsafe (block + 3 * channels, block + 4 * channels)
      for sample in 0..<samples {
        let (x, g) = unsafe (x + sample * size, g + sample * size)
        for c in 0..<channels {
          let group = sample * groups + c / width
          unsafe (center[c], inverses[c]) = unsafe (mean[group], inverse(variance[group]))
        }
        unsafe sumPlaces(level, block) { element, _ in unsafe g[element] }
        unsafe sumPlaces(slope, block) { element, c in unsafe g[element] * (x[element] - center[c])
        }
        for c in 0..<channels {
          unsafe byScale?[c] += slope[c] * inverses[c]
          unsafe byShift?[c] += level[c]
        }
        guard let dx = unsafe dx.map({ unsafe $0 + sample * size }) else { continue }
        // The mean and the deviation depend on x too: the parts of g along 1 and along x are
        // removed.
        for c in 0..<channels {
          unsafe level[c] *= scale[c]
          unsafe slope[c] *= scale[c]
        }
        unsafe average(level)
        unsafe average(slope)
        for c in 0..<channels { unsafe slope[c] *= inverses[c] * inverses[c] }
        for row in stride(from: 0, to: size, by: channels) {
          let (dx, x, g) = unsafe (dx + row, x + row, g + row)
          for c in 0..<channels {
            let common = unsafe level[c] + (x[c] - center[c]) * slope[c]
            unsafe dx[c] = (g[c] * scale[c] - common) * inverses[c]
          }
        }
      }
    }
  }

  /// Sums terms over the places of a sample for each channel, in blocks: a smaller error than one
  /// long sum.
  @inline(__always)
  private func sumPlaces(
    _ sums: UnsafeMutablePointer<Float>, _ block: UnsafeMutablePointer<Float>,
    _ term: (_ element: Int, _ channel: Int) -> Float
  ) {
    unsafe sums.update(repeating: 0, count: channels)
    for first in stride(from: 0, to: places, by: Reductions.blockCount) {
      unsafe block.update(repeating: 0, count: channels)
      for place in first..<min(first + Reductions.blockCount, places) {
        for c in 0..<channels { unsafe block[c] += term(place * channels + c, c) }
      }
      for c in 0..<channels { unsafe sums[c] += block[c] }
    }
  }

  /// Replaces the sums of channels by the mean of their group.
  private func average(_ sums: UnsafeMutablePointer<Float>) {
    for first in stride(from: 0, to: channels, by: width) {
      var total: Float = 0
      for c in first..<first + width { unsafe total += sums[c] }
      unsafe (sums + first).update(repeating: total / Float(places * width), count: width)
    }
  }
}
