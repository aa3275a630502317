internal import Elementary

/// What the threshold between two classes makes greatest on a set.
package enum ThresholdGoal: String, CaseIterable, Sendable {
  case f1, f1Macro = "f1_macro", f1Weighted = "f1_weighted"
  case accuracy, balancedAccuracy = "balanced_accuracy"
  /// The recall of both classes together, less 1.
  case youden

  /// The weights of the targets of the second class that are taken for it and that are not, and of
  /// those of the first.
  package struct Counts {
    package var found = 0.0
    package var missed: Double
    package var wrong = 0.0
    package var left: Double

    package init(seconds: Double, firsts: Double) {
      missed = seconds
      left = firsts
    }
  }

  package func value(_ counts: Counts) -> Double {
    let seconds = counts.found + counts.missed
    let firsts = counts.wrong + counts.left
    func share(_ part: Double, _ whole: Double) -> Double { whole > 0 ? part / whole : 0 }
    let f1OfSecond = share(2 * counts.found, seconds + counts.found + counts.wrong)
    let f1OfFirst = share(2 * counts.left, firsts + counts.left + counts.missed)
    let (recallOfSecond, recallOfFirst) = (share(counts.found, seconds), share(counts.left, firsts))
    return switch self {
    case .f1: f1OfSecond
    case .f1Macro: (f1OfSecond + f1OfFirst) / 2
    case .f1Weighted: share(f1OfSecond * seconds + f1OfFirst * firsts, seconds + firsts)
    case .accuracy: share(counts.found + counts.left, seconds + firsts)
    case .balancedAccuracy: (recallOfSecond + recallOfFirst) / 2
    case .youden: recallOfSecond + recallOfFirst - 1
    }
  }

  /// The threshold with the greatest value, between two probabilities that occur; of equal ones the
  /// nearest to 0.5.
  ///
  /// Nil without targets, and if a probability is no number.
  package func threshold(of answers: Answers) -> Double? {
    let scores = answers.scores(of: 1).sorted { $0.score > $1.score }
    guard let greatest = scores.first?.score, !scores.contains(where: { $0.score.isNaN }) else {
      return nil
    }
    let weights = scores.map { answers.weights[Int($0.sample)] }
    var (seconds, firsts) = (0.0, 0.0)
    for (target, weight) in zip(scores, weights) {
      if target.isTrue { seconds += weight } else { firsts += weight }
    }
    var counts = Counts(seconds: seconds, firsts: firsts)
    var best = (value: value(counts), gap: Gap(low: greatest, high: max(1, greatest.nextUp)))
    for (place, (target, weight)) in zip(scores, weights).enumerated() {
      if target.isTrue {
        counts.found += weight
        counts.missed -= weight
      } else {
        counts.wrong += weight
        counts.left -= weight
      }
      let next = place + 1 < scores.count ? scores[place + 1].score : 0
      guard next < target.score else { continue }
      let candidate = (value: value(counts), gap: Gap(low: next, high: target.score))
      if candidate.value > best.value
        || candidate.value == best.value && candidate.gap.distance < best.gap.distance
      {
        best = candidate
      }
    }
    return best.gap.threshold
  }

  /// The thresholds from one probability up to the next one.
  private struct Gap {
    let low: Double
    let high: Double

    /// How far they are from 0.5.
    var distance: Double { max(0, low - 0.5, 0.5 - high) }

    /// One with few digits near the middle.
    var threshold: Double {
      if low <= 0.5, 0.5 < high { return 0.5 }
      let middle = (low + high) / 2
      for digits in 1...17 {
        let scale = Double.power(10, digits)
        let rounded = (middle * scale).rounded() / scale
        if low <= rounded, rounded < high { return rounded }
      }
      return low
    }
  }
}
