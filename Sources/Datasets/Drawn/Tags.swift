internal import Randomness

/// Sequences of different lengths with a tag for each token, for networks that read both ways.
///
/// Tokens are 1 to 12, of which 1 to 3 are the marks a, b and c. A tag names the last mark before
/// its token and the next one behind it, `start` or `end` where there is none. All tokens are
/// independent, so nothing before a token tells which mark follows. After the end tokens are 0 and
/// tags are ignored; the field `lengths` has the lengths.
package enum Tags {
  package static let marks = ["a", "b", "c"]
  package static let tokens = 12

  /// The lengths of sequences of at most some steps, each equally probable.
  package static func lengths(upTo steps: Int) -> ClosedRange<Int> { (steps + 1) / 2...steps }

  fileprivate static let names = (["start"] + marks).flatMap { before in
    (["end"] + marks).map { "\(before)-\($0)" }
  }
  fileprivate static let lengthField = "lengths"

  private enum Part: UInt64 { case length, tokens }

  fileprivate static func dataset(
    _ split: DrawnDataset.Split, count: Int, steps: Int
  ) -> Dataset {
    var numbers = [Int32](repeating: 0, count: count * steps)
    var tags = [Int32](repeating: -1, count: count * steps)
    var all: [Int32] = []
    let range = lengths(upTo: steps)
    for sample in 0..<count {
      func draw(_ part: Part, below limit: Int, at index: Int = 0) -> Int {
        RandomStream(drawing: "tags", split, sample: sample, part: part.rawValue)
          .integer(below: limit, at: index)
      }
      let length = range.lowerBound + draw(.length, below: range.count)
      let places = sample * steps..<sample * steps + length
      var mark: Int32 = 0
      for (step, place) in places.enumerated() {
        numbers[place] = 1 + Int32(draw(.tokens, below: tokens, at: step))
        tags[place] = mark * Int32(marks.count + 1)
        if numbers[place] <= marks.count { mark = numbers[place] }
      }
      mark = 0
      for place in places.reversed() {
        tags[place] += mark
        if numbers[place] <= marks.count { mark = numbers[place] }
      }
      all.append(Int32(length))
    }
    return Dataset(
      shape: [steps], elements: .integers(numbers),
      targets: .classes(tags, names: names, shape: [steps]),
      namedFields: [NamedField(lengthField, shape: [], .integers(all))], normalisation: .identity)
  }
}

extension DrawnDataset {
  static let tags = DrawnDataset(steps: 40, atLeast: 1) { steps in
    DrawnDataset(
      "tags", defaultSizes: (10_000, 2000), shape: [steps], .int32,
      .classes(Tags.names.count, shape: [steps]),
      fields: [Field(Tags.lengthField, [], .int32, .named)], ignoresTargets: true
    ) { split, count, _ in Tags.dataset(split, count: count, steps: steps) }
  }
}
