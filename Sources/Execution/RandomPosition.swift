package import Graphs
package import Randomness

/// The position of a shard in the random numbers.
///
/// It does not depend on ranks and workers.
package struct RandomPosition: Sendable {
  package let seed: UInt64
  package let step: Int
  /// The index of the shard's first sample in its batch.
  package let firstSample: Int

  package init(seed: UInt64, step: Int, firstSample: Int) {
    self.seed = seed
    self.step = step
    self.firstSample = firstSample
  }

  /// The position of the shard that begins `samples` samples later.
  func moved(by samples: Int) -> RandomPosition {
    RandomPosition(seed: seed, step: step, firstSample: firstSample + samples)
  }

  /// The numbers of one sample of the shard, from one of the program's streams.
  package func stream(_ number: Int, ofSample sample: Int) -> RandomStream {
    RandomStream(
      seed: seed, purpose: .dropout, unit: UInt16(truncatingIfNeeded: number),
      major: UInt64(step), minor: UInt32(truncatingIfNeeded: firstSample + sample))
  }

  /// Writes numbers in [0, 1); each sample has its own stream.
  func fill(_ numbers: UnsafeMutableBufferPointer<Float>, stream number: Int, samples: Int) {
    let each = numbers.count / samples
    for sample in 0..<samples {
      unsafe fill(
        UnsafeMutableBufferPointer(rebasing: numbers[sample * each..<(sample + 1) * each]),
        stream: number, ofSample: sample)
    }
  }

  /// The same for some numbers of one sample.
  func fill(
    _ numbers: UnsafeMutableBufferPointer<Float>, stream number: Int, ofSample sample: Int,
    from first: Int = 0
  ) {
    unsafe stream(number, ofSample: sample).fill(uniform: numbers, from: first)
  }

  /// The numbers of a tensor whose first axis is that of the samples.
  package func uniform(stream: Int, _ shape: Shape) -> [Float] {
    unsafe [Float](unsafeUninitializedCapacity: shape.count) { buffer, count in
      count = shape.count
      unsafe fill(
        UnsafeMutableBufferPointer(rebasing: buffer[..<count]), stream: stream,
        samples: shape.samples)
    }
  }
}

extension Shape {
  var samples: Int { extents.first ?? 1 }
}
