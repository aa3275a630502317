package import Datasets
internal import Diagnostics
package import Reports

/// What a network says of samples, for people and for programs.
package struct Answers {
  private let coding: SampleCoding
  private let givesProbabilities: Bool
  /// All answers, one after the other.
  private let numbers: [Float]
  private let width: Int
  private let name: (Int) -> String?

  package init(_ predictor: Predictor, _ samples: any InputSamples, _ numbers: [Float]) {
    coding = predictor.coding
    givesProbabilities = predictor.givesProbabilities
    width = predictor.width
    self.numbers = numbers
    name = { samples.name(of: $0) }
  }

  package var count: Int { numbers.count / width }

  /// The fields of a sample's line: the class and its probability, or the values; before them the
  /// name, if the sample has one.
  package func fields(of sample: Int) -> [String] {
    let answer = answer(sample)
    let parts: [String]
    switch coding.answers {
    case .classes(let names, _):
      let best = Self.best(answer)
      parts = [names[best], Double(answer[answer.startIndex + best]).formatted(4)]
    case .values, .none: parts = answer.map(\.description)
    }
    return (name(sample).map { [$0] } ?? []) + parts
  }

  /// What all answers have in common, then an object for each sample.
  package var json: [(String, JSONValue)] {
    let meaning: (String, JSONValue) =
      switch coding.answers {
      case .classes(let names, _): ("classes", .array(names.map { .string($0) }))
      case .values, .none: ("targets", .array(coding.targetNames.map { .string($0) }))
      }
    return [meaning, ("predictions", .array((0..<count).map { json(of: $0) }))]
  }

  private func json(of sample: Int) -> JSONValue {
    let answer = answer(sample)
    let name = name(sample).map { [("name", JSONValue.string($0))] } ?? []
    let all = JSONValue.array(answer.map { .number($0.decimal) })
    let members: [(String, JSONValue)]
    switch coding.answers {
    case .classes(let names, _):
      let best = Self.best(answer)
      let (one, many) =
        givesProbabilities ? ("probability", "probabilities") : ("score", "scores")
      members = [
        ("class", .string(names[best])), (one, .number(answer[answer.startIndex + best].decimal)),
        (many, all),
      ]
    case .values, .none: members = [("values", all)]
    }
    return .object([("sample", .integer(sample))] + name + members)
  }

  private func answer(_ sample: Int) -> ArraySlice<Float> {
    numbers[sample * width..<(sample + 1) * width]
  }

  /// The place of the greatest number, the first of equals.
  private static func best(_ answer: ArraySlice<Float>) -> Int {
    unsafe answer.withUnsafeBufferPointer { numbers in
      guard let start = numbers.baseAddress else { return 0 }
      return unsafe Predictions.best(start, numbers.count)
    }
  }
}

extension Float {
  /// The number whose shortest text is that of this one.
  fileprivate var decimal: Double { Double(description) ?? Double(self) }
}
