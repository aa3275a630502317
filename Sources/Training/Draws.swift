internal import Execution
internal import Networks
internal import Randomness

/// What is drawn for the samples of adversarial steps: a function of seed, step and sample.
///
/// Steps of both networks are counted together, so nothing is drawn twice.
struct Draws: Sendable {
  private let settings: AdversarialSettings
  private let seed: UInt64

  init(_ settings: AdversarialSettings, seed: UInt64) {
    self.settings = settings
    self.seed = seed
  }

  /// Writes what a program takes for some places of the step's batch.
  func write(_ places: Range<Int>, to session: any Session, step: Int) {
    func numbers(_ input: String, each: Int) -> UnsafeMutableBufferPointer<Float>? {
      unsafe session.input(input).map {
        unsafe UnsafeMutableBufferPointer(
          start: $0.assumingMemoryBound(to: Float.self), count: each * places.count)
      }
    }
    if let noise = unsafe numbers("noise", each: settings.noiseSize) {
      unsafe write(noise: noise, from: places.lowerBound, .noise, step: step)
    }
    for (input, purpose, each) in [("mixture", Purpose.mixture, 1), ("label_noise", .labelNoise, 2)] {
      guard let numbers = unsafe numbers(input, each: each) else { continue }
      unsafe RandomStream(seed: seed, purpose: purpose, major: UInt64(step))
        .fill(uniform: numbers, from: each * places.lowerBound)
    }
  }

  /// Fills memory with the noise of samples from `first` on; each has a stream of its own.
  func write(
    noise: UnsafeMutableBufferPointer<Float>, from first: Int, _ purpose: Purpose, step: Int
  ) {
    let size = settings.noiseSize
    for sample in 0..<noise.count / size {
      let row = unsafe UnsafeMutableBufferPointer(
        rebasing: noise[sample * size..<(sample + 1) * size])
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
