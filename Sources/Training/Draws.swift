internal import Execution
internal import Networks
internal import Randomness

/// What is drawn for the samples of adversarial steps: a function of seed, step and sample.
///
/// Steps of both networks are counted together, so nothing is drawn twice.
struct Draws: Sendable {
  private let settings: AdversarialSettings
  private let seed: UInt64
  /// What stands for the noise that would be drawn.
  private let given: GivenNoise?

  init(_ settings: AdversarialSettings, seed: UInt64, noise given: GivenNoise? = nil) {
    self.settings = settings
    self.seed = seed
    self.given = given
  }

  var noiseSize: Int { settings.noiseSize }

  /// Writes what a program takes for some places of the step's batch.
  func write(_ places: Range<Int>, to ports: any Ports, step: Int) {
    write("noise", each: noiseSize, places, to: ports, step: step)
    write("mixture", each: 1, places, to: ports, step: step)
    write("label_noise", each: 2, places, to: ports, step: step)
  }

  private func write(
    _ input: String, each: Int, _ places: Range<Int>, to ports: any Ports, step: Int
  ) {
    guard let start = unsafe ports.input(input) else { return }
    let numbers = unsafe UnsafeMutableBufferPointer(
      start: start.assumingMemoryBound(to: Float.self), count: each * places.count)
    unsafe write(input, numbers, from: places.lowerBound, step: step)
  }

  /// Fills an input for the samples from `first` on.
  func write(
    _ input: String, _ numbers: UnsafeMutableBufferPointer<Float>, from first: Int, step: Int
  ) {
    let major = UInt64(step)
    switch input {
    case "noise":
      if let given {
        unsafe given.copy(from: first, to: numbers)
      } else {
        unsafe write(noise: numbers, from: first, .noise, step: step)
      }
    case "mixture":
      unsafe RandomStream(seed: seed, purpose: .mixture, major: major)
        .fill(uniform: numbers, from: first)
    default:
      unsafe RandomStream(seed: seed, purpose: .labelNoise, major: major)
        .fill(uniform: numbers, from: 2 * first)
    }
  }

  /// Fills memory with the noise of samples from `first` on; each has a stream of its own.
  func write(
    noise: UnsafeMutableBufferPointer<Float>, from first: Int, _ purpose: Purpose, step: Int
  ) {
    for sample in 0..<noise.count / noiseSize {
      let row = unsafe UnsafeMutableBufferPointer(
        rebasing: noise[sample * noiseSize..<(sample + 1) * noiseSize])
      let stream = RandomStream(
        seed: seed, purpose: purpose, major: UInt64(step),
        minor: UInt32(truncatingIfNeeded: first + sample))
      switch settings.noise {
      case .normal: unsafe stream.fill(normal: row)
      case .uniform:
        unsafe stream.fill(uniform: row)
        for i in row.indices { unsafe row[i] = 2 * row[i] - 1 }
      }
    }
  }
}
