internal import Randomness

extension DrawnDataset {
  /// The adding problem: the sum of two marked numbers of a sequence (Hochreiter and Schmidhuber
  /// 1997, in the form of Arjovsky, Shah and Bengio 2016).
  ///
  /// A step is a number from 0 to 1 and a mark, 1 at one step of each half and 0 elsewhere. Always
  /// predicting 1 has the mean squared error 1/6, the variance of the sum.
  static let adding = DrawnDataset(steps: 100, atLeast: 2) { steps in
    DrawnDataset(series: "adding", defaultSizes: (50_000, 5000), shape: [steps, 2]) {
      Self.addition(steps, $0)
    }
  }

  private static func addition(
    _ steps: Int, _ stream: (UInt64) -> RandomStream
  ) -> (numbers: [Float], targets: [Float]) {
    var numbers = [Float](repeating: 0, count: steps)
    unsafe numbers.withUnsafeMutableBufferPointer { unsafe stream(0).fill(uniform: $0) }
    var sequence = [Float](repeating: 0, count: 2 * steps)
    for step in 0..<steps { sequence[2 * step] = numbers[step] }
    let (marks, half) = (stream(1), steps / 2)
    let first = marks.integer(below: half, at: 0)
    let second = half + marks.integer(below: steps - half, at: 1)
    for step in [first, second] { sequence[2 * step + 1] = 1 }
    return (sequence, [numbers[first] + numbers[second]])
  }
}
