internal import Randomness

/// Induction heads: recall the token that followed a signal (Olsson and others 2022, in the form of
/// Gu and Dao 2023, "Mamba", section 4.1.2).
///
/// Tokens 0 to 14 are random, 15 is the signal. It stands at a random place and again at the end.
/// The class of the last step is the token after the first signal; all other steps are ignored.
/// Guessing has a cross entropy of ln 15 and an accuracy of 1/15, for any number of steps.
enum Induction {
  static let tokens = 15
  static let signal = Int32(tokens)

  private enum Part: UInt64 { case tokens, place }

  fileprivate static func dataset(
    _ split: DrawnDataset.Split, count: Int, steps: Int
  ) -> Dataset {
    var rows = [Int32](repeating: 0, count: count * steps)
    var labels = [Int32](repeating: -1, count: count * steps)
    for sample in 0..<count {
      func stream(_ part: Part) -> RandomStream {
        RandomStream(drawing: "induction", split, sample: sample, part: part.rawValue)
      }
      let (start, end, tokens) = (sample * steps, (sample + 1) * steps, stream(.tokens))
      for step in 0..<steps {
        rows[start + step] = Int32(tokens.integer(below: Self.tokens, at: step))
      }
      let place = start + stream(.place).integer(below: steps - 2, at: 0)
      (rows[place], rows[end - 1]) = (signal, signal)
      labels[end - 1] = rows[place + 1]
    }
    return Dataset(
      shape: [steps], elements: .integers(rows),
      targets: .classes(labels, names: (0..<tokens).map(String.init), shape: [steps]),
      normalisation: .identity)
  }
}

extension DrawnDataset {
  static let induction = DrawnDataset(steps: 64, atLeast: 3) { steps in
    DrawnDataset(
      "induction", defaultSizes: (50_000, 2000), shape: [steps], .int32,
      .classes(Induction.tokens, shape: [steps]), ignoresTargets: true
    ) { split, count, _ in Induction.dataset(split, count: count, steps: steps) }
  }
}
