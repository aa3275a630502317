import Kernels
import TestSupport
import Testing

@Suite struct LayerNormalisationTests {
  private static let epsilon = 1e-5

  /// Vectors and maps, with channels that fill lanes and that do not: samples, places, channels.
  private static let extents = [(3, 1, 2), (2, 5, 16), (4, 30, 3), (3, 7, 37), (2, 1, 300)]

  private struct Maps {
    let (samples, places, channels): (Int, Int, Int)
    let x, g, scale, shift: [Float]
    let kernel: LayerNormalisation
    let mean, variance: Buffer<Float>

    init(_ extents: (Int, Int, Int)) {
      (samples, places, channels) = extents
      let count = samples * places * channels
      var generator = XorShift(seed: 73)
      x = generator.floats(count, in: -3...5)
      g = generator.floats(count)
      scale = generator.floats(channels)
      shift = generator.floats(channels)
      kernel = LayerNormalisation(
        samples: samples, places: places, channels: channels,
        epsilon: LayerNormalisationTests.epsilon)
      (mean, variance) = (Buffer(count: samples), Buffer(count: samples))
      unsafe kernel.normalise(
        nil, mean: mean.start, variance: variance.start, Buffer(x, shift: 1).start,
        scale: Buffer(scale).start, shift: Buffer(shift).start)
    }

    var size: Int { places * channels }

    func elements(_ values: [Float], of sample: Int) -> [Double] {
      values[sample * size..<(sample + 1) * size].map(Double.init)
    }

    /// x of one sample with mean 0 and variance 1, and what that took.
    func normalised(_ sample: Int) -> (values: [Double], mean: Double, variance: Double) {
      let values = elements(x, of: sample)
      let mean = values.reduce(0, +) / Double(size)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(size)
      let deviation = (variance + LayerNormalisationTests.epsilon).squareRoot()
      return (values.map { ($0 - mean) / deviation }, mean, variance)
    }
  }

  @Test(arguments: extents) func statisticsAgreeWithTheDefinition(_ extents: (Int, Int, Int)) {
    let maps = Maps(extents)
    for sample in 0..<maps.samples {
      let (_, mean, variance) = maps.normalised(sample)
      let found = (
        Double(maps.mean.elements[sample]), Double(maps.variance.elements[sample])
      )
      #expect(isClose(found.0, mean, relative: 1e-5, absolute: 1e-5))
      #expect(isClose(found.1, variance, relative: 1e-5, absolute: 1e-5))
    }
    #expect(maps.mean.isGuarded && maps.variance.isGuarded)
  }

  @Test(arguments: extents) func normalises(_ extents: (Int, Int, Int)) {
    let maps = Maps(extents)
    let y = Buffer<Float>(count: maps.x.count)
    unsafe maps.kernel.normalise(
      y.start, mean: nil, variance: nil, Buffer(maps.x).start, scale: Buffer(maps.scale).start,
      shift: Buffer(maps.shift).start)
    for sample in 0..<maps.samples {
      for (place, value) in maps.normalised(sample).values.enumerated() {
        let channel = place % maps.channels
        let expected = value * Double(maps.scale[channel]) + Double(maps.shift[channel])
        let found = Double(y.elements[sample * maps.size + place])
        #expect(isClose(found, expected, relative: 1e-5, absolute: 2e-5))
      }
    }
    #expect(y.isGuarded)
  }

  @Test(arguments: extents) func gradientsAgreeWithTheDefinition(_ extents: (Int, Int, Int)) {
    let maps = Maps(extents)
    let (x, g) = (Buffer(maps.x, shift: 3), Buffer(maps.g))
    let (scale, shift) = (
      Buffer<Float>(count: maps.channels), Buffer<Float>(count: maps.channels)
    )
    // In place: the gradient of the result is read for the last time.
    unsafe maps.kernel.gradients(
      g.start, scale: scale.start, shift: shift.start, x.start, g.start, mean: maps.mean.start,
      variance: maps.variance.start, scale: Buffer(maps.scale).start)
    var byScale = [Double](repeating: 0, count: maps.channels)
    var byShift = byScale
    for sample in 0..<maps.samples {
      let (values, _, variance) = maps.normalised(sample)
      let gradient = maps.elements(maps.g, of: sample)
      let scaled = gradient.enumerated().map { $1 * Double(maps.scale[$0 % maps.channels]) }
      let level = scaled.reduce(0, +) / Double(maps.size)
      let slope = zip(scaled, values).reduce(0) { $0 + $1.0 * $1.1 } / Double(maps.size)
      let deviation = (variance + LayerNormalisationTests.epsilon).squareRoot()
      for place in 0..<maps.size {
        byScale[place % maps.channels] += gradient[place] * values[place]
        byShift[place % maps.channels] += gradient[place]
        let expected = (scaled[place] - level - slope * values[place]) / deviation
        let found = Double(g.elements[sample * maps.size + place])
        #expect(isClose(found, expected, relative: 1e-4, absolute: 1e-4))
      }
    }
    for channel in 0..<maps.channels {
      let found = (
        Double(scale.elements[channel]), Double(shift.elements[channel])
      )
      #expect(isClose(found.0, byScale[channel], relative: 1e-5, absolute: 1e-4))
      #expect(isClose(found.1, byShift[channel], relative: 1e-5, absolute: 1e-4))
    }
    #expect(scale.isGuarded && shift.isGuarded && g.isGuarded)
  }
}
