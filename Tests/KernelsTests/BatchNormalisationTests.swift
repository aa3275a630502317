import Kernels
import TestSupport
import Testing

@Suite struct BatchNormalisationTests {
  private static let epsilon = 1e-5

  /// Maps of few and many rows, with channels that fill lanes and that do not.
  private static let extents = [(2, 1), (5, 16), (200, 3), (64, 37), (129, 48)]

  private struct Maps {
    let (rows, channels): (Int, Int)
    let x, g, addend, scale, shift: [Float]

    init(_ extents: (Int, Int)) {
      (rows, channels) = extents
      var generator = XorShift(seed: 71)
      x = generator.floats(rows * channels, in: -3...5)
      g = generator.floats(rows * channels)
      addend = generator.floats(rows * channels)
      scale = generator.floats(channels)
      shift = generator.floats(channels)
    }

    func column(_ values: [Float], _ channel: Int) -> [Double] {
      (0..<rows).map { Double(values[$0 * channels + channel]) }
    }

    /// x of one channel with mean 0 and variance 1, and the deviation it was divided by.
    func normalised(_ channel: Int) -> (values: [Double], deviation: Double) {
      let values = column(x, channel)
      let mean = values.reduce(0, +) / Double(rows)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(rows)
      let deviation = (variance + BatchNormalisationTests.epsilon).squareRoot()
      return (values.map { ($0 - mean) / deviation }, deviation)
    }
  }

  private func kernel(_ maps: Maps) -> BatchNormalisation {
    BatchNormalisation(
      rows: maps.rows, channels: maps.channels, epsilon: BatchNormalisationTests.epsilon)
  }

  /// The means and the variances, which need no place for the result.
  private func statistics(_ maps: Maps) -> (mean: Buffer<Float>, variance: Buffer<Float>) {
    let (mean, variance) = (
      Buffer<Float>(count: maps.channels), Buffer<Float>(count: maps.channels)
    )
    unsafe kernel(maps).normalise(
      nil, mean: mean.start, variance: variance.start, Buffer(maps.x).start,
      scale: Buffer(maps.scale).start, shift: Buffer(maps.shift).start)
    #expect(mean.isGuarded && variance.isGuarded)
    return (mean, variance)
  }

  @Test(arguments: extents) func statisticsAgreeWithTheDefinition(_ extents: (Int, Int)) {
    let maps = Maps(extents)
    let found = statistics(maps)
    for channel in 0..<maps.channels {
      let values = maps.column(maps.x, channel)
      let mean = values.reduce(0, +) / Double(maps.rows)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(maps.rows)
      #expect(isClose(Double(found.mean.elements[channel]), mean, relative: 1e-5, absolute: 1e-5))
      let second = Double(found.variance.elements[channel])
      #expect(isClose(second, variance, relative: 1e-5, absolute: 1e-5))
    }
  }

  @Test(arguments: extents, [(false, false), (false, true), (true, false), (true, true)])
  func normalises(_ extents: (Int, Int), _ form: (adds: Bool, appliesReLU: Bool)) {
    let maps = Maps(extents)
    let y = Buffer<Float>(count: maps.rows * maps.channels)
    unsafe kernel(maps).normalise(
      y.start, mean: nil, variance: nil, Buffer(maps.x, shift: 1).start,
      scale: Buffer(maps.scale).start, shift: Buffer(maps.shift).start,
      addend: form.adds ? UnsafePointer(Buffer(maps.addend).start) : nil,
      appliesReLU: form.appliesReLU)
    for channel in 0..<maps.channels {
      for (row, value) in maps.normalised(channel).values.enumerated() {
        let place = row * maps.channels + channel
        var expected = value * Double(maps.scale[channel]) + Double(maps.shift[channel])
        if form.adds { expected += Double(maps.addend[place]) }
        if form.appliesReLU { expected = max(0, expected) }
        #expect(isClose(Double(y.elements[place]), expected, relative: 1e-5, absolute: 2e-5))
      }
    }
    #expect(y.isGuarded)
  }

  @Test func aLimitKeepsNaN() {
    let kernel = BatchNormalisation(rows: 2, channels: 17, epsilon: 1)
    let x = [Float](repeating: 1, count: 34)
    var addend = [Float](repeating: -1, count: 34)
    addend[3] = .nan
    addend[16] = .nan
    let (ones, zeros) = ([Float](repeating: 1, count: 17), [Float](repeating: 0, count: 17))
    let y = Buffer<Float>(count: 34)
    unsafe kernel.normalise(
      y.start, mean: nil, variance: nil, Buffer(x).start, scale: Buffer(ones).start,
      shift: Buffer(zeros).start, addend: Buffer(addend).start, appliesReLU: true)
    for (place, value) in y.elements.enumerated() {
      #expect(place == 3 || place == 16 ? value.isNaN : value == 0)
    }
  }

  @Test(arguments: extents) func gradientsAgreeWithTheDefinition(_ extents: (Int, Int)) {
    let maps = Maps(extents)
    let statistics = statistics(maps)
    let (x, g) = (Buffer(maps.x, shift: 3), Buffer(maps.g))
    let (scale, shift) = (
      Buffer<Float>(count: maps.channels), Buffer<Float>(count: maps.channels)
    )
    // In place: the gradient of the result is read for the last time.
    unsafe kernel(maps).gradients(
      g.start, scale: scale.start, shift: shift.start, x.start, g.start,
      mean: statistics.mean.start, variance: statistics.variance.start,
      scale: Buffer(maps.scale).start)
    let count = Double(maps.rows)
    for channel in 0..<maps.channels {
      let (values, deviation) = maps.normalised(channel)
      let gradient = maps.column(maps.g, channel)
      let byScale = zip(values, gradient).reduce(0) { $0 + $1.0 * $1.1 }
      let byShift = gradient.reduce(0, +)
      #expect(isClose(Double(scale.elements[channel]), byScale, relative: 1e-5, absolute: 1e-4))
      let second = Double(shift.elements[channel])
      #expect(isClose(second, byShift, relative: 1e-5, absolute: 1e-4))
      for row in 0..<maps.rows {
        let common = byShift / count + values[row] * byScale / count
        let expected = (gradient[row] - common) * Double(maps.scale[channel]) / deviation
        let found = Double(g.elements[row * maps.channels + channel])
        #expect(isClose(found, expected, relative: 1e-4, absolute: 1e-4))
      }
    }
    #expect(scale.isGuarded && shift.isGuarded && g.isGuarded)
  }
}
