internal import Datasets
internal import Diagnostics
internal import Networks
internal import Reports
internal import RunFiles

/// What an evaluation found of single samples, as numbers of the network.
struct EvaluationFindings: Sendable {
  let output: NetworkOutput
  let samples: Int
  let confusion: ConfusionMatrix?
  /// The threshold between two classes, if one was chosen.
  let threshold: Double?
  let pairs: [SampleFindings.Pair]
  let worst: [SampleFindings.Worst]

  /// The same for people: with the samples themselves, and in the units of the data.
  func described(
    by data: Dataset, after step: Int, isBest: Bool
  ) throws(Failure) -> ValidationFindings {
    let meaning = PredictionMeaning(output, data.coding)
    let names = confusion.map(\.names) ?? []
    return ValidationFindings(
      step: step, isBest: isBest, samples: samples,
      confusion: names.isEmpty || names.count > ConfusionMatrix.jsonLimit
        ? nil : (names, confusion?.counts ?? []),
      pairs: pairs.compactMap { pair in
        let numbers = meaning.inUnits([pair.truth, pair.prediction], of: 0)
        // A target that does not count is not a number.
        return pair.truth.isNaN
          ? nil : (truth: numbers[0].decimal, prediction: numbers[1].decimal)
      },
      worst: try worst.map { sample throws(Failure) in
        try described(sample, by: data, meaning)
      })
  }

  private func described(
    _ worst: SampleFindings.Worst, by data: Dataset, _ meaning: PredictionMeaning
  ) throws(Failure) -> WorstSample {
    let index = Int(worst.sample)
    let content: WorstSample.Content =
      switch try data.content(of: index) {
      case .picture(let bytes): .picture(bytes)
      case .row(let row): .row(row)
      case .text(let text): .text(text)
      }
    var (answers, probability) = (worst.answers, worst.probability)
    if let threshold, answers.count == 1 {
      // Of two classes, the threshold was chosen after the evaluation.
      let second = answers[0] == 1 ? probability : 1 - probability
      let choice: UInt32 = Double(second) > threshold ? 1 : 0
      (answers, probability) = ([choice], choice == 1 ? second : 1 - second)
    }
    return WorstSample(
      index: index, loss: Double(worst.loss), truth: text(of: worst.truth, data, meaning),
      answer: text(of: answers, data, meaning),
      probability: probability.isNaN ? nil : probability.decimal, content: content)
  }

  /// The most targets that are listed one by one.
  private static let listLimit = 16

  private func text(
    of targets: [UInt32], _ data: Dataset, _ meaning: PredictionMeaning
  ) -> String {
    let shown: [String]
    switch meaning.kind {
    case .classes(let names, _):
      let classes = targets.map { Int(Int32(bitPattern: $0)) }
      if output.output.target == nil, let text = data.text(ofClasses: classes) { return text }
      shown = classes.prefix(Self.listLimit).map { names.indices ~= $0 ? names[$0] : "-" }
    case .values:
      let numbers = targets.prefix(Self.listLimit).map { Float(bitPattern: $0) }
      shown = meaning.inUnits(numbers).map { $0.isNaN ? "-" : Double($0).asShortNumber }
    }
    return shown.joined(separator: ", ") + (targets.count > shown.count ? ", ..." : "")
  }
}
