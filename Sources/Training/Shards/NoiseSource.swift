internal import Execution
package import Networks
package import Randomness

/// The random inputs of adversarial steps: noise, mixtures and label noise.
///
/// They depend on seed, step and sample only. The steps of both networks are counted together, so
/// no two steps share random numbers.
package struct NoiseSource: Sendable {
  private let settings: AdversarialSettings
  private let seed: UInt64
  /// Replaces the random noise.
  private let given: NoiseBuffer?
  /// The names of the inputs, and the numbers of each for a sample.
  let inputs: [(name: String, size: Int)]

  package init(_ settings: AdversarialSettings, seed: UInt64, noise given: NoiseBuffer? = nil) {
    self.settings = settings
    self.seed = seed
    self.given = given
    inputs = [("noise", settings.noiseSize), ("mixture", 1), ("label_noise", 2)]
  }

  /// The random stream of an input, and the position of a sample's first number in it.
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

  /// The random stream of a sample's noise.
  private func noise(_ purpose: Purpose, _ sample: Int, step: Int) -> RandomStream {
    RandomStream(
      seed: seed, purpose: purpose, major: UInt64(step),
      minor: UInt32(truncatingIfNeeded: sample))
  }

  /// Writes the random inputs of a program for some positions of the step's batch.
  func write(_ places: Range<Int>, to bindings: any Bindings, step: Int) {
    for (input, size) in inputs {
      guard let start = unsafe bindings.input(input) else { continue }
      let numbers = unsafe UnsafeMutableBufferPointer(
        start: start.assumingMemoryBound(to: Float.self), count: size * places.count)
      unsafe write(input, numbers, from: places.lowerBound, step: step)
    }
  }

  /// Writes an input for the samples from `first` on.
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

  /// Writes the noise of the samples from `first` on; each has its own random stream.
  func write(
    noise: UnsafeMutableBufferPointer<Float>, from first: Int, _ purpose: Purpose, step: Int
  ) {
    let size = settings.noiseSize
    for sample in 0..<noise.count / size {
      let row = unsafe UnsafeMutableBufferPointer(
        rebasing: noise[sample * size..<(sample + 1) * size])
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

/// Noise that the caller writes between steps; it replaces random noise.
@safe package final class NoiseBuffer: @unchecked Sendable {
  /// The noise of all samples of a batch, one after the other.
  package let numbers: UnsafeMutableBufferPointer<Float>
  private let size: Int

  /// Allocates the noise of `samples` samples, `size` numbers each.
  package init(samples: Int, size: Int) {
    self.size = size
    unsafe numbers = .allocate(capacity: samples * size)
    unsafe numbers.initialize(repeating: 0)
  }

  deinit { unsafe numbers.deallocate() }

  /// Copies the noise of the samples from `first` on.
  func copy(from first: Int, to target: UnsafeMutableBufferPointer<Float>) {
    guard let source = unsafe numbers.baseAddress else { return }
    unsafe target.baseAddress?.update(from: source + first * size, count: target.count)
  }
}
