/// Metrics of samples that may have several labels, each a target of 0 or 1 with a probability.
extension Metric {
  static let ofLabels: [Metric] =
    [rightLabels] + Average.allCases.flatMap(labelDecisions) + ranking(of: .labels)
    + [logLossOfLabels, brierScoreOfLabels, calibrationErrorOfLabels]

  private static let rightLabels = Metric(
    "accuracy", "the share of samples whose labels are all right", .fraction,
    isBetterWhenGreater: true,
    from: .labels { predictions, record, place in
      for row in 0..<predictions.rows where predictions.isWholeRow(row) {
        let targets = row * predictions.width..<(row + 1) * predictions.width
        let isRight = targets.allSatisfy {
          let (isPredicted, isThere) = predictions.decision($0)
          return isPredicted == isThere
        }
        record.add(isRight ? 1 : 0, weight: predictions.weight(ofRow: row), to: place.own)
      }
    })

  /// For each label three parts: the share of right ones among those predicted, among those that
  /// are there, and among all.
  private static func labelDecisions(_ average: Average) -> [Metric] {
    DecisionCounts.scores.map { name, about, score in
      Metric(
        average.name(of: name), "\(about): \(average.about)", .fraction, isBetterWhenGreater: true,
        from: .labels(add: addLabelDecisions), parts: .labelDecisions,
        value: { _, parts in
          DecisionCounts.average(
            score, of: DecisionCounts.rows(parts, perRow: DecisionCounts.partsOfLabel), average,
            areLabels: true)
        })
    }
  }

  @Sendable private static func addLabelDecisions(
    _ predictions: ValuePredictions, _ record: inout Metrics, _ place: Metrics.Place
  ) {
    guard place.addsParts else { return }
    for sample in 0..<predictions.samples {
      let weight = predictions.weight(ofSample: sample)
      for target in predictions.targets(of: sample) where predictions.isCounted(target) {
        let first = 3 * (target % predictions.width)
        let (isPredicted, isThere) = predictions.decision(target)
        if isPredicted { record.add(isThere ? 1 : 0, weight: weight, to: place.part(first)) }
        if isThere { record.add(isPredicted ? 1 : 0, weight: weight, to: place.part(first + 1)) }
        record.add(isPredicted == isThere ? 1 : 0, weight: weight, to: place.part(first + 2))
      }
    }
  }

  /// A metric that is a mean over all labels of all samples.
  private static func mean(
    _ name: String, _ about: String,
    of term: @escaping @Sendable (_ probability: Double, _ isThere: Bool) -> Double
  ) -> Metric {
    Metric(
      name, about, .number, isBetterWhenGreater: false,
      from: .labels { predictions, record, place in
        for sample in 0..<predictions.samples {
          let weight = predictions.weight(ofSample: sample)
          for target in predictions.targets(of: sample) where predictions.isCounted(target) {
            record.add(
              term(predictions.probability(target), predictions.decision(target).isThere),
              weight: weight, to: place.own)
          }
        }
      })
  }

  private static let logLossOfLabels = mean("log_loss", logLossText) {
    loss(ofProbability: $1 ? $0 : 1 - $0)
  }

  private static let brierScoreOfLabels = mean(
    "brier", "the mean squared distance of probabilities from 1 for labels that are there, else 0"
  ) { ($0 - ($1 ? 1 : 0)) * ($0 - ($1 ? 1 : 0)) }

  private static let calibrationErrorOfLabels = Metric(
    "calibration_error", calibrationText, .number, isBetterWhenGreater: false,
    from: .labels { predictions, record, place in
      for sample in 0..<predictions.samples {
        let weight = predictions.weight(ofSample: sample)
        for target in predictions.targets(of: sample) where predictions.isCounted(target) {
          let (isPredicted, isThere) = predictions.decision(target)
          let probability = predictions.probability(target)
          addConfidence(
            isPredicted ? probability : 1 - probability, isPredicted == isThere, weight: weight,
            to: &record, place)
        }
      }
    }, parts: .confidences, value: calibration)
}
