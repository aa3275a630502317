internal import Randomness

/// The adding problem: the sum of two marked numbers of a sequence (Hochreiter and Schmidhuber
/// 1997, in the form of Arjovsky, Shah and Bengio 2016).
///
/// A step is a number from 0 to 1 and a mark, 1 at one step of each half and 0 elsewhere. Always
/// predicting 1 has the mean squared error 1/6, the variance of the sum.
enum Adding {
  private enum Part: UInt64 { case numbers, marks }

  fileprivate static func dataset(
    _ split: DrawnDataset.Split, count: Int, steps: Int
  ) -> Dataset {
    var samples = [Float](repeating: 0, count: count * steps * 2)
    var sums: [Float] = []
    var numbers = [Float](repeating: 0, count: steps)
    let half = steps / 2
    for sample in 0..<count {
      func stream(_ part: Part) -> RandomStream {
        RandomStream(drawing: "adding", split, sample: sample, part: part.rawValue)
      }
      unsafe numbers.withUnsafeMutableBufferPointer { unsafe stream(.numbers).fill(uniform: $0) }
      let start = sample * steps * 2
      for step in 0..<steps { samples[start + 2 * step] = numbers[step] }
      let marks = stream(.marks)
      let first = marks.integer(below: half, at: 0)
      let second = half + marks.integer(below: steps - half, at: 1)
      for step in [first, second] { samples[start + 2 * step + 1] = 1 }
      sums.append(numbers[first] + numbers[second])
    }
    return Dataset(
      shape: [steps, 2], elements: .floats(samples), targets: .values(sums, shape: [1]),
      normalisation: .identity)
  }
}

extension DrawnDataset {
  static let adding = DrawnDataset(steps: 100, atLeast: 2) { steps in
    DrawnDataset(
      "adding", defaultSizes: (50_000, 5000), shape: [steps, 2], .float32, .values(shape: [1])
    ) { split, count, _ in Adding.dataset(split, count: count, steps: steps) }
  }
}
