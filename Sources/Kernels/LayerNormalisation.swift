/// Layer normalisation of `samples` with `places` of `channels` each: its statistics, itself, its
/// gradients.
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

  /// The mean of each sample and, behind all means, the mean square of what deviates from it.
  package func statistics(_ statistics: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>) {
    for sample in 0..<samples {
      let x = unsafe x + sample * size
      let mean = unsafe Reductions.sum(x, size) / Float(size)
      let squares = Reductions.sum(size) { place in
        let deviation = unsafe x.lanes(at: place) - mean
        return deviation * deviation
      } element: { place in
        let deviation = unsafe x[place] - mean
        return deviation * deviation
      }
      unsafe statistics[sample] = mean
      unsafe statistics[samples + sample] = squares / Float(size)
    }
  }

  /// The mean of a sample, and 1 over its deviation.
  @inline(__always)
  private func standard(
    _ sample: Int, _ statistics: UnsafePointer<Float>
  ) -> (mean: Float, inverse: Float) {
    unsafe (statistics[sample], 1 / (statistics[samples + sample] + epsilon).squareRoot())
  }

  /// y = (x - mean) scale / deviation + shift.
  package func normalise(
    _ y: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>,
    statistics: UnsafePointer<Float>, scale: UnsafePointer<Float>, shift: UnsafePointer<Float>
  ) {
    for sample in 0..<samples {
      let (mean, inverse) = unsafe standard(sample, statistics)
      for place in 0..<places {
        let row = (sample * places + place) * channels
        let (y, x) = unsafe (y + row, x + row)
        for c in 0..<channels { unsafe y[c] = (x[c] - mean) * inverse * scale[c] + shift[c] }
      }
    }
  }

  /// The gradients by scale and, behind them, by shift, of the gradient g of the result.
  package func parameterGradients(
    _ sums: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, _ g: UnsafePointer<Float>,
    statistics: UnsafePointer<Float>
  ) {
    unsafe sums.update(repeating: 0, count: 2 * channels)
    let (byScale, byShift) = unsafe (sums, sums + channels)
    unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * channels) { buffer in
      guard let ofSample = buffer.baseAddress else { return }
      for sample in 0..<samples {
        let (mean, inverse) = unsafe standard(sample, statistics)
        // The sums of one sample come first: a smaller error than one long sum.
        unsafe ofSample.update(repeating: 0, count: 2 * channels)
        for place in 0..<places {
          let row = (sample * places + place) * channels
          let (x, g) = unsafe (x + row, g + row)
          for c in 0..<channels {
            unsafe ofSample[c] += g[c] * (x[c] - mean)
            unsafe ofSample[channels + c] += g[c]
          }
        }
        for c in 0..<channels {
          unsafe byScale[c] += ofSample[c] * inverse
          unsafe byShift[c] += ofSample[channels + c]
        }
      }
    }
  }

  /// The gradient by x: the mean and the deviation depend on x too, so what g has in common with them
  /// goes out.
  package func inputGradient(
    _ dx: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, _ g: UnsafePointer<Float>,
    statistics: UnsafePointer<Float>, scale: UnsafePointer<Float>
  ) {
    for sample in 0..<samples {
      let (mean, inverse) = unsafe standard(sample, statistics)
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
        for c in 0..<channels {
          unsafe dx[c] = (g[c] * scale[c] - common - (x[c] - mean) * turn) * inverse
        }
      }
    }
  }
}
