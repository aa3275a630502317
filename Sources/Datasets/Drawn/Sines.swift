internal import Elementary
internal import Randomness

/// Sums of two sines with noise, and the next number of each, for forecasting.
///
/// Periods are from 5 to 25 steps, amplitudes from 0.5 to 1. No forecast has a mean squared error
/// below that of the noise.
package enum Sines {
  /// The deviation of the noise.
  package static let noise: Float = 0.1

  private enum Part: UInt64 { case sines, noise }

  fileprivate static func dataset(
    _ split: DrawnDataset.Split, count: Int, steps: Int
  ) -> Dataset {
    var samples: [Float] = []
    samples.reserveCapacity(count * steps)
    var targets: [Float] = []
    var numbers = [Float](repeating: 0, count: steps + 1)
    for sample in 0..<count {
      func stream(_ part: Part) -> RandomStream {
        RandomStream(drawing: "sines", split, sample: sample, part: part.rawValue)
      }
      unsafe numbers.withUnsafeMutableBufferPointer { unsafe stream(.noise).fill(normal: $0) }
      for place in numbers.indices { numbers[place] *= noise }
      for sine in 0..<2 {
        func draw(_ property: Int) -> Float { stream(.sines).uniform(at: 3 * sine + property) }
        let (period, amplitude) = (5 + 20 * draw(0), 0.5 + 0.5 * draw(1))
        var turn = draw(2)
        for place in numbers.indices {
          numbers[place] += amplitude * Float.sin(2 * .pi * turn)
          turn += 1 / period
          if turn >= 1 { turn -= 1 }
        }
      }
      samples += numbers[..<steps]
      targets.append(numbers[steps])
    }
    return Dataset(
      shape: [steps, 1], elements: .floats(samples), targets: .values(targets, shape: [1]),
      normalisation: .identity)
  }
}

extension DrawnDataset {
  static let sines = DrawnDataset(steps: 48, atLeast: 1) { steps in
    DrawnDataset(
      "sines", defaultSizes: (20_000, 2000), shape: [steps, 1], .float32, .values(shape: [1])
    ) { split, count, _ in Sines.dataset(split, count: count, steps: steps) }
  }
}
