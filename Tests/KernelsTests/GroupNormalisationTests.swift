import Kernels
import TestSupport
import Testing

@Suite struct GroupNormalisationTests {
  private static let epsilon = 1e-5

  /// Vectors and maps, with groups that fill lanes and that do not: samples, places, channels,
  /// groups.
  private static let extents = [
    (3, 1, 4, 2), (2, 5, 16, 1), (4, 130, 6, 3), (3, 7, 37, 37), (2, 9, 64, 2),
  ]

  private struct Maps {
    let (samples, places, channels, groups): (Int, Int, Int, Int)
    let x, g, scale, shift: [Float]
    let kernel: GroupNormalisation
    let mean, variance: Buffer<Float>

    init(_ extents: (Int, Int, Int, Int)) {
      (samples, places, channels, groups) = extents
      let count = samples * places * channels
      var generator = XorShift(seed: 79)
      x = generator.floats(count, in: -3...5)
      g = generator.floats(count)
      scale = generator.floats(channels)
      shift = generator.floats(channels)
      kernel = GroupNormalisation(
        samples: samples, places: places, channels: channels, groups: groups,
        epsilon: GroupNormalisationTests.epsilon)
      (mean, variance) = (Buffer(count: samples * groups), Buffer(count: samples * groups))
      unsafe kernel.normalise(
        nil, mean: mean.start, variance: variance.start, Buffer(x, shift: 1).start,
        scale: Buffer(scale).start, shift: Buffer(shift).start)
    }

    /// The group that each element belongs to, counted over all samples.
    func group(_ element: Int) -> Int {
      element / (places * channels) * groups + element % channels / (channels / groups)
    }

    /// The mean of numbers over the group of each element.
    func means(_ numbers: [Double]) -> [Double] {
      var sums = [Double](repeating: 0, count: samples * groups)
      for (element, number) in numbers.enumerated() { sums[group(element)] += number }
      return sums.map { $0 / Double(places * channels / groups) }
    }

    /// x with mean 0 and variance 1, and what that took.
    var normalised: (values: [Double], means: [Double], variances: [Double]) {
      let means = means(x.map(Double.init))
      let deviations = x.enumerated().map { Double($1) - means[group($0)] }
      let variances = self.means(deviations.map { $0 * $0 })
      let values = deviations.enumerated().map {
        $1 / (variances[group($0)] + GroupNormalisationTests.epsilon).squareRoot()
      }
      return (values, means, variances)
    }
  }

  @Test(arguments: extents) func normalises(_ extents: (Int, Int, Int, Int)) {
    let maps = Maps(extents)
    let (values, means, variances) = maps.normalised
    for group in means.indices {
      let found = (Double(maps.mean.elements[group]), Double(maps.variance.elements[group]))
      #expect(isClose(found.0, means[group], relative: 1e-5, absolute: 1e-5))
      #expect(isClose(found.1, variances[group], relative: 1e-5, absolute: 1e-5))
    }
    let y = Buffer<Float>(count: maps.x.count)
    unsafe maps.kernel.normalise(
      y.start, mean: nil, variance: nil, Buffer(maps.x).start, scale: Buffer(maps.scale).start,
      shift: Buffer(maps.shift).start)
    for (element, value) in values.enumerated() {
      let channel = element % maps.channels
      let expected = value * Double(maps.scale[channel]) + Double(maps.shift[channel])
      #expect(isClose(Double(y.elements[element]), expected, relative: 1e-5, absolute: 2e-5))
    }
    #expect(maps.mean.isGuarded && maps.variance.isGuarded && y.isGuarded)
  }

  @Test(arguments: extents) func gradientsAgreeWithTheDefinition(_ extents: (Int, Int, Int, Int)) {
    let maps = Maps(extents)
    let (x, g) = (Buffer(maps.x, shift: 3), Buffer(maps.g))
    let (scale, shift) = (
      Buffer<Float>(count: maps.channels), Buffer<Float>(count: maps.channels)
    )
    // In place: the gradient of the result is read for the last time.
    unsafe maps.kernel.gradients(
      g.start, scale: scale.start, shift: shift.start, x.start, g.start, mean: maps.mean.start,
      variance: maps.variance.start, scale: Buffer(maps.scale).start)
    let (values, _, variances) = maps.normalised
    let gradient = maps.g.map(Double.init)
    let scaled = gradient.enumerated().map { $1 * Double(maps.scale[$0 % maps.channels]) }
    let (level, slope) = (maps.means(scaled), maps.means(zip(scaled, values).map { $0 * $1 }))
    var byScale = [Double](repeating: 0, count: maps.channels)
    var byShift = byScale
    for (element, value) in values.enumerated() {
      let group = maps.group(element)
      byScale[element % maps.channels] += gradient[element] * value
      byShift[element % maps.channels] += gradient[element]
      let deviation = (variances[group] + GroupNormalisationTests.epsilon).squareRoot()
      let expected = (scaled[element] - level[group] - slope[group] * value) / deviation
      #expect(isClose(Double(g.elements[element]), expected, relative: 1e-4, absolute: 1e-4))
    }
    for channel in 0..<maps.channels {
      let found = (Double(scale.elements[channel]), Double(shift.elements[channel]))
      #expect(isClose(found.0, byScale[channel], relative: 1e-5, absolute: 1e-4))
      #expect(isClose(found.1, byShift[channel], relative: 1e-5, absolute: 1e-4))
    }
    #expect(scale.isGuarded && shift.isGuarded && g.isGuarded)
  }
}
