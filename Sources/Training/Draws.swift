internal import Execution
package import Networks
package import Randomness

/// What is drawn for the samples of adversarial steps: a function of seed, step and sample.
///
/// Steps of both networks are counted together, so nothing is drawn twice.
package struct Draws: Sendable {
  private let settings: AdversarialSettings
  private let seed: UInt64
  /// What stands for the noise that would be drawn.
  private let given: GivenNoise?

  package init(_ settings: AdversarialSettings, seed: UInt64, noise given: GivenNoise? = nil) {
    self.settings = settings
    self.seed = seed
    self.given = given
  }

  var noiseSize: Int { settings.noiseSize }

  /// The stream that an input of a sample is drawn from, and the sample's first number in it.
  package func stream(
    of input: String, _ sample: Int, step: Int
  ) -> (stream: RandomStream, first: Int) {
    let major = UInt64(step)
    return switch input {
    case "noise": (noise(.noise, sample, step: step), 0)
    case "mixture": (RandomStream(seed: seed, purpose: .mixture, major: major), sample)
    default: (RandomStream(seed: seed, purpose: .labelNoise, major: major), 2 * sample)
    }
  }

  /// The stream that the noise of a sample is drawn from.
  private func noise(_ purpose: Purpose, _ sample: Int, step: Int) -> RandomStream {
    RandomStream(
      seed: seed, purpose: purpose, major: UInt64(step),
      minor: UInt32(truncatingIfNeeded: sample))
  }

  /// Writes what a program takes for some places of the step's batch.
  func write(_ places: Range<Int>, to bindings: any Bindings, step: Int) {
    write("noise", each: noiseSize, places, to: bindings, step: step)
    write("mixture", each: 1, places, to: bindings, step: step)
    write("label_noise", each: 2, places, to: bindings, step: step)
  }

  private func write(
    _ input: String, each: Int, _ places: Range<Int>, to bindings: any Bindings, step: Int
  ) {
    guard let start = unsafe bindings.input(input) else { return }
    let numbers = unsafe UnsafeMutableBufferPointer(
      start: start.assumingMemoryBound(to: Float.self), count: each * places.count)
    unsafe write(input, numbers, from: places.lowerBound, step: step)
  }

  /// Fills an input for the samples from `first` on.
  func write(
    _ input: String, _ numbers: UnsafeMutableBufferPointer<Float>, from first: Int, step: Int
  ) {
    guard input == "noise" else {
      let (stream, start) = stream(of: input, first, step: step)
      return unsafe stream.fill(uniform: numbers, from: start)
    }
    if let given {
      unsafe given.copy(from: first, to: numbers)
    } else {
      unsafe write(noise: numbers, from: first, .noise, step: step)
    }
  }

  /// Fills memory with the noise of samples from `first` on; each has a stream of its own.
  func write(
    noise: UnsafeMutableBufferPointer<Float>, from first: Int, _ purpose: Purpose, step: Int
  ) {
    for sample in 0..<noise.count / noiseSize {
      let row = unsafe UnsafeMutableBufferPointer(
        rebasing: noise[sample * noiseSize..<(sample + 1) * noiseSize])
      let stream = self.noise(purpose, first + sample, step: step)
      switch settings.noise {
      case .normal: unsafe stream.fill(normal: row)
      case .uniform:
        unsafe stream.fill(uniform: row)
        for i in row.indices { unsafe row[i] = 2 * row[i] - 1 }
      }
    }
  }
}
