internal import Randomness

/// The copy memory task: ten symbols, to be repeated after a signal (Hochreiter and Schmidhuber
/// 1997, in the form of Arjovsky, Shah and Bengio 2016).
///
/// Tokens are 0 (blank), the symbols 1 to 8, and 9, the signal. A sequence begins with the symbols;
/// the signal stands 11 steps before its end, all else is blank. The classes of the last ten steps
/// are the symbols, those of all others 0. Without memory the best cross entropy is 10 ln 8 / steps.
enum Copy {
  static let symbols = 8
  static let length = 10

  fileprivate static func dataset(
    _ split: DrawnDataset.Split, count: Int, steps: Int
  ) -> Dataset {
    var tokens = [Int32](repeating: 0, count: count * steps)
    var labels = tokens
    for sample in 0..<count {
      let stream = RandomStream(drawing: "copy", split, sample: sample)
      let (start, end) = (sample * steps, (sample + 1) * steps)
      for place in 0..<length {
        let symbol = 1 + Int32(stream.integer(below: symbols, at: place))
        tokens[start + place] = symbol
        labels[end - length + place] = symbol
      }
      tokens[end - length - 1] = Int32(symbols) + 1
    }
    return Dataset(
      shape: [steps], elements: .integers(tokens),
      targets: .classes(
        labels, names: ["blank"] + (1...symbols).map(String.init), shape: [steps]),
      normalisation: .identity)
  }
}

extension DrawnDataset {
  static let copy = DrawnDataset(steps: 120, atLeast: 2 * Copy.length + 1) { steps in
    DrawnDataset(
      "copy", defaultSizes: (50_000, 5000), shape: [steps], .int32,
      .classes(Copy.symbols + 1, shape: [steps])
    ) { split, count, _ in Copy.dataset(split, count: count, steps: steps) }
  }
}
