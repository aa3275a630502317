internal import Datasets
internal import Diagnostics
internal import Graphs
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
    let (truth, answer) = texts(of: worst.truth, answers, data, meaning)
    return WorstSample(
      index: index, loss: Double(worst.loss), truth: truth, answer: answer,
      probability: probability.isNaN ? nil : probability.decimal, content: content)
  }

  /// The most targets that are listed one by one.
  private static let listLimit = 16

  /// What is true and what was answered: one by one, or of many how much is wrong.
  private func texts(
    of truth: [UInt32], _ answers: [UInt32], _ data: Dataset, _ meaning: PredictionMeaning
  ) -> (truth: String, answer: String) {
    guard !truth.isEmpty else { return ("", "") }
    let targets = output.targets.shape.count.grouped
    switch meaning.kind {
    case .classes(let names, _):
      let classes = [truth, answers].map { $0.map { Int(Int32(bitPattern: $0)) } }
      if output.output.target == nil, let text = data.text(ofClasses: classes[0]) {
        // Beyond the end of what counts an answer means nothing.
        let counted = zip(classes[1], classes[0]).map { $1 < 0 ? -1 : $0 }
        return (text, data.text(ofClasses: counted) ?? "")
      }
      guard truth.count > Self.listLimit else {
        let texts = classes.map { list in
          list.map { names.indices ~= $0 ? names[$0] : "-" }.joined(separator: ", ")
        }
        return (texts[0], texts[1])
      }
      let wrong = zip(classes[0], classes[1]).count { $0 >= 0 && $0 != $1 }
      return ("\(targets) classes", "\(wrong.grouped) of them wrong")
    case .values(let names, _):
      let numbers = [truth, answers].map { meaning.inUnits($0.map { Float(bitPattern: $0) }) }
      guard truth.count > Self.listLimit else {
        let isNamed = names.count == truth.count && names.count > 1
        let texts = numbers.map { list in
          list.enumerated().map { place, number in
            (isNamed ? "\(names[place]) " : "")
              + (number.isNaN ? "-" : number.decimal.formatted(digits: 4))
          }.joined(separator: ", ")
        }
        return (texts[0], texts[1])
      }
      let errors = zip(numbers[0], numbers[1]).map { abs(Double($0) - Double($1)) }
        .filter { !$0.isNaN }
      let mean = errors.reduce(0, +) / Double(max(1, errors.count))
      return ("\(targets) numbers", "a mean error of \(mean.formatted(digits: 4))")
    }
  }
}
