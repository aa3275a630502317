/// Layer normalisation of `samples` with `places` of `channels` each, and its gradient.
@safe package struct LayerNormalisation: Sendable {
  private let samples: Int
  private let places: Int
  private let channels: Int
  private let epsilon: Float

  package init(samples: Int, places: Int, channels: Int, epsilon: Double) {
    self.samples = samples
    self.places = places
    self.channels = channels
    self.epsilon = Float(epsilon)
  }

  private var size: Int { places * channels }

  /// y = (x - mean) scale / deviation + shift, and the mean and the variance of each sample;
  /// results that are nil are not written.
  package func normalise(
    _ y: UnsafeMutablePointer<Float>?, mean: UnsafeMutablePointer<Float>?,
    variance: UnsafeMutablePointer<Float>?, _ x: UnsafePointer<Float>,
    scale: UnsafePointer<Float>, shift: UnsafePointer<Float>
  ) {
    for sample in 0..<samples {
      let x = unsafe x + sample * size
      let (center, spread) = unsafe statistics(of: x)
      unsafe mean?[sample] = center
      unsafe variance?[sample] = spread
      guard let y = unsafe y.map({ unsafe $0 + sample * size }) else { continue }
      let (inverse, whole) = (inverse(spread), channels & ~15)
      for row in stride(from: 0, to: size, by: channels) {
        let (y, x) = unsafe (y + row, x + row)
        for c in stride(from: 0, to: whole, by: 16) {
          let normal = unsafe (x.lanes(at: c) - center) * inverse
          unsafe y.set(normal * scale.lanes(at: c) + shift.lanes(at: c), at: c)
        }
        for c in whole..<channels {
          unsafe y[c] = (x[c] - center) * inverse * scale[c] + shift[c]
        }
      }
    }
  }

  /// The mean and the variance of a sample.
  @inline(__always)
  private func statistics(of x: UnsafePointer<Float>) -> (mean: Float, variance: Float) {
    let mean = unsafe Reductions.sum(x, size) / Float(size)
    let squares = Reductions.sum(size) { place in
      let deviation = unsafe x.lanes(at: place) - mean
      return deviation * deviation
    } element: { place in
      let deviation = unsafe x[place] - mean
      return deviation * deviation
    }
    return (mean, squares / Float(size))
  }

  /// 1 over the deviation.
  @inline(__always)
  private func inverse(_ variance: Float) -> Float { 1 / (variance + epsilon).squareRoot() }

  /// The gradients by x, scale and shift of the gradient g of the result; results that are nil are
  /// not computed.
  package func gradients(
    _ dx: UnsafeMutablePointer<Float>?, scale byScale: UnsafeMutablePointer<Float>?,
    shift byShift: UnsafeMutablePointer<Float>?, _ x: UnsafePointer<Float>,
    _ g: UnsafePointer<Float>, mean: UnsafePointer<Float>, variance: UnsafePointer<Float>,
    scale: UnsafePointer<Float>
  ) {
    unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: samples) { buffer in
      guard let inverses = buffer.baseAddress else { return }
      for sample in 0..<samples { unsafe inverses[sample] = inverse(variance[sample]) }
      // First, since the gradient by x may overwrite g.
      if unsafe byScale != nil || byShift != nil {
        unsafe ParameterLoop(
          byScale: byScale, byShift: byShift, x: x, g: g, mean: mean, inverse: inverses,
          samples: samples, places: places, channels: channels
        ).run(channels: channels)
      }
      if let dx = unsafe dx { unsafe inputGradient(dx, x, g, mean, inverses, scale) }
    }
  }

  /// The mean and the deviation depend on x too: the parts of g along 1 and along x are removed.
  private func inputGradient(
    _ dx: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, _ g: UnsafePointer<Float>,
    _ mean: UnsafePointer<Float>, _ inverse: UnsafePointer<Float>, _ scale: UnsafePointer<Float>
  ) {
    for sample in 0..<samples {
      let (mean, inverse) = unsafe (mean[sample], inverse[sample])
      let start = sample * size
      let (dx, x, g) = unsafe (dx + start, x + start, g + start)
      var (level, slope) = (SIMD16<Float>(), SIMD16<Float>())
      let whole = channels & ~15
      for row in stride(from: 0, to: size, by: channels) {
        for c in stride(from: 0, to: whole, by: 16) {
          let scaled = unsafe g.lanes(at: row + c) * scale.lanes(at: c)
          level += scaled
          slope += unsafe scaled * (x.lanes(at: row + c) - mean)
        }
        for c in whole..<channels {
          let scaled = unsafe g[row + c] * scale[c]
          level[c - whole] += scaled
          slope[c - whole] += unsafe scaled * (x[row + c] - mean)
        }
      }
      let share = 1 / Float(size)
      let common = Reductions.total(level) * share
      let turn = Reductions.total(slope) * share * inverse * inverse
      for row in stride(from: 0, to: size, by: channels) {
        let (dx, x, g) = unsafe (dx + row, x + row, g + row)
        for c in stride(from: 0, to: whole, by: 16) {
          let rest = unsafe g.lanes(at: c) * scale.lanes(at: c) - common
          unsafe dx.set((rest - (x.lanes(at: c) - mean) * turn) * inverse, at: c)
        }
        for c in whole..<channels {
          unsafe dx[c] = (g[c] * scale[c] - common - (x[c] - mean) * turn) * inverse
        }
      }
    }
  }
}

/// The gradients by scale and shift.
///
/// The sums of each sample are added up: a smaller error than one long sum.
@safe private struct ParameterLoop: ChannelLoop {
  let (byScale, byShift): (UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?)
  let (x, g): (UnsafePointer<Float>, UnsafePointer<Float>)
  let (mean, inverse): (UnsafePointer<Float>, UnsafePointer<Float>)
  let (samples, places, channels): (Int, Int, Int)

  @inline(__always)
  func run<Lanes: ChannelLanes>(_: Lanes.Type, at channel: Int) {
    let zero = Lanes(repeating: 0)
    var (scale, shift) = (zero, zero)
    for sample in 0..<samples {
      let (mean, inverse) = unsafe (
        Lanes(repeating: mean[sample]), Lanes(repeating: inverse[sample])
      )
      var (ofScale, ofShift) = (zero, zero)
      for place in 0..<places {
        let row = (sample * places + place) * channels + channel
        let g = unsafe Lanes(g + row)
        ofScale = unsafe ofScale + g * (Lanes(x + row) - mean)
        ofShift = ofShift + g
      }
      scale = scale + ofScale * inverse
      shift = shift + ofShift
    }
    if let byScale = unsafe byScale { unsafe scale.store(to: byScale + channel) }
    if let byShift = unsafe byShift { unsafe shift.store(to: byShift + channel) }
  }
}
