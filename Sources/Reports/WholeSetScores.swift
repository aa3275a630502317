/// How a metric is computed from all answers of a set.
package enum WholeSetScore: Equatable, Sendable {
  /// How well scores separate a class or label from the rest.
  case ranking(Curve, Average)
  case medianError
  /// R² with the variance of the samples that are weighed, not of the dataset.
  case determination

  package enum Curve: Sendable {
    /// True positives over false ones.
    case receiver
    /// Precision over recall.
    case precision
  }
}

extension Metric {
  /// The areas under curves.
  static func ranking(of subject: Subject) -> [Metric] {
    [
      (
        "auc", WholeSetScore.Curve.receiver,
        "the area under the ROC curve of each class or label against the rest: how often one that is"
          + " true has a greater probability than one that is not"
      ),
      (
        "pr_auc", .precision,
        "the average precision of each class or label: the area under the curve of precision over"
          + " recall"
      ),
    ].flatMap { name, curve, about in
      Average.allCases.map { average in
        Metric(
          average.name(of: name), "\(about); \(average.about)", .number, isBetterWhenGreater: true,
          from: .wholeSet(of: subject, .ranking(curve, average)))
      }
    }
  }
}

/// What the scores of a set need beside the weights of its samples, so that many weights can be
/// tried: answers in order.
package struct WholeSetScores: Sendable {
  private let scores: [WholeSetScore]
  private let areLabels: Bool
  /// Of each class or label, and of all together.
  private let rankings: [Ranking]
  private let pooled: Ranking?
  /// Of each target of a sample.
  private let errors: [SortedNumbers]
  private let targets: [[(truth: Double, error: Double, sample: Int32)]]

  package init(_ scores: [WholeSetScore], of answers: Answers) {
    self.scores = scores
    if case .values = answers.truth { areLabels = true } else { areLabels = false }
    var (ranks, pools) = (false, false)
    for case .ranking(_, let average) in scores {
      if average == .micro { pools = true } else { ranks = true }
    }
    rankings = ranks ? (0..<answers.columns).map { Ranking(answers.scores(of: $0)) } : []
    pooled = pools ? Ranking((0..<answers.columns).flatMap { answers.scores(of: $0) }) : nil
    let targets = (0..<answers.size).map { answers.errors(at: $0) }
    errors =
      scores.contains(.medianError)
      ? targets.map { target in SortedNumbers(target.map { (abs($0.error), $0.sample) }) } : []
    self.targets = scores.contains(.determination) ? targets : []
  }

  /// The bytes that all this takes, at most.
  package static func byteCount(_ scores: [WholeSetScore], targets: Int, columns: Int) -> Int {
    scores.isEmpty ? 0 : 8 * targets * columns * (scores.count > 1 ? 2 : 1) + 64 * targets
  }

  /// The scores, given the weight of each sample; nil where one is undefined.
  package func values(_ weights: [Double]) -> [Double?] {
    let areas = rankings.map { $0.areas(weights) }
    let together = pooled.map { $0.areas(weights) }
    return scores.map { score in
      switch score {
      case .ranking(let curve, .micro): together.flatMap { $0[curve] }
      case .ranking(let curve, let average): mean(curve, of: areas, average)
      case .medianError: Self.mean(errors.map { $0.median(weights) })
      case .determination: determination(weights)
      }
    }
  }

  /// The area under the ROC curve of each class or label.
  package func areas(_ weights: [Double]) -> [Double?] {
    rankings.map { $0.areas(weights).receiver }
  }

  private func mean(
    _ curve: WholeSetScore.Curve, of areas: [Ranking.Areas], _ average: Average
  ) -> Double? {
    switch average {
    case .standard where areas.count == 2 && !areLabels: return areas[1][curve]
    case .weighted:
      let weight = areas.reduce(0) { $0 + $1.positives }
      guard weight > 0 else { return 0 }
      var sum = 0.0
      for area in areas where area.positives > 0 {
        guard let value = area[curve] else { return nil }
        sum += value * area.positives
      }
      return sum / weight
    default: return Self.mean(areas.map { $0[curve] })
    }
  }

  /// The mean; nil where there is nothing or one has no value.
  private static func mean(_ values: [Double?]) -> Double? {
    var sum = 0.0
    for value in values {
      guard let value else { return nil }
      sum += value
    }
    return values.isEmpty ? nil : sum / Double(values.count)
  }

  private func determination(_ weights: [Double]) -> Double? {
    let found = targets.compactMap { target -> Double? in
      var (weight, sum, squares, deviations) = (0.0, 0.0, 0.0, 0.0)
      for (truth, error, sample) in target {
        weight += weights[Int(sample)]
        sum += weights[Int(sample)] * truth
        squares += weights[Int(sample)] * error * error
      }
      guard weight > 0 else { return nil }
      let centre = sum / weight
      for (truth, _, sample) in target {
        deviations += weights[Int(sample)] * (truth - centre) * (truth - centre)
      }
      return deviations > 0 ? 1 - squares / deviations : nil
    }
    return found.isEmpty ? nil : found.reduce(0, +) / Double(found.count)
  }
}

extension Ranking.Areas {
  fileprivate subscript(curve: WholeSetScore.Curve) -> Double? {
    curve == .receiver ? receiver : precision
  }
}
