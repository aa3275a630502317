internal import Randomness

/// What random numbers of a run depend on; never on the rank or worker that computes it.
package struct RandomPosition: Sendable {
  package let seed: UInt64
  package let step: Int
  /// The place of the run's first sample in its batch.
  package let firstSample: Int

  package init(seed: UInt64, step: Int, firstSample: Int) {
    self.seed = seed
    self.step = step
    self.firstSample = firstSample
  }

  /// The numbers in [0, 1) of one sample of the run: each sample has a stream of its own.
  func fill(_ numbers: UnsafeMutableBufferPointer<Float>, stream: Int, sample: Int) {
    RandomStream(
      seed: seed, purpose: .dropout, unit: UInt16(truncatingIfNeeded: stream), major: UInt64(step),
      minor: UInt32(truncatingIfNeeded: firstSample + sample)
    ).fill(uniform: numbers)
  }

  /// The numbers of all samples of a run.
  package func uniform(stream: Int, samples: Int, each: Int) -> [Float] {
    [Float](unsafeUninitializedCapacity: samples * each) { buffer, count in
      for sample in 0..<samples {
        fill(
          UnsafeMutableBufferPointer(rebasing: buffer[sample * each..<(sample + 1) * each]),
          stream: stream, sample: sample)
      }
      count = samples * each
    }
  }
}
