/// What was decided of one class or label: how many targets were predicted to be of it, and how
/// many are.
package struct DecisionCounts: Equatable, Sendable {
  /// Over the targets that are predicted as it: a sum of those that are.
  let predicted: Metrics.Sum
  /// Over the targets that are of it: a sum of those predicted as it.
  let positive: Metrics.Sum
  /// Of a label, over all samples: a sum of those predicted right.
  let all: Metrics.Sum

  /// The sums that make one.
  static let partsOfClass = 2
  static let partsOfLabel = 3

  /// The number of targets that are of it.
  package var positives: Double { positive.targets }
  /// Of the targets that are predicted as it, the share that are; nil where there are none.
  package var precision: Double? { predicted.mean }
  /// Of the targets that are of it, the share predicted as it; nil where there are none.
  package var recall: Double? { positive.mean }
  package var accuracy: Double? { all.mean }

  /// The harmonic mean of precision and recall; nil where no target is of it or predicted as it.
  package var f1: Double? {
    let count = positive.targets + predicted.targets
    return count > 0 ? 2 * positive.sum / count : nil
  }

  fileprivate var occurs: Bool { positive.targets + predicted.targets > 0 }

  /// Those of a record's parts.
  static func rows(_ parts: ArraySlice<Metrics.Sum>, perRow: Int) -> [DecisionCounts] {
    stride(from: parts.startIndex, to: parts.endIndex, by: perRow).map {
      DecisionCounts(
        predicted: parts[$0], positive: parts[$0 + 1],
        all: perRow == partsOfLabel ? parts[$0 + 2] : Metrics.Sum())
    }
  }

  /// Those of all classes or labels together.
  private static func total(_ rows: [DecisionCounts]) -> DecisionCounts {
    var (predicted, positive) = (Metrics.Sum(), Metrics.Sum())
    for row in rows {
      predicted.sum += row.predicted.sum
      predicted.targets += row.predicted.targets
      positive.sum += row.positive.sum
      positive.targets += row.positive.targets
    }
    return DecisionCounts(predicted: predicted, positive: positive, all: Metrics.Sum())
  }

  /// A score of all classes or labels, as scikit-learn has it: one that is undefined counts as 0.
  ///
  /// Classes that are neither there nor predicted are no classes to it; labels are.
  static func average(
    _ score: (DecisionCounts) -> Double?, of rows: [DecisionCounts], _ average: Average,
    areLabels: Bool
  ) -> Double? {
    guard rows.contains(where: { $0.occurs || $0.all.targets > 0 }) else { return nil }
    switch average {
    case .standard where rows.count == 2 && !areLabels: return score(rows[1]) ?? 0
    case .standard, .macro:
      let some = areLabels ? rows : rows.filter(\.occurs)
      return some.reduce(0) { $0 + (score($1) ?? 0) } / Double(some.count)
    case .micro: return score(total(rows)) ?? 0
    case .weighted:
      let sum = rows.reduce(0) { $0 + $1.positive.targets * (score($1) ?? 0) }
      let weight = rows.reduce(0) { $0 + $1.positive.targets }
      return weight > 0 ? sum / weight : 0
    }
  }
}

/// How the scores of classes or labels become one.
package enum Average: String, CaseIterable, Sendable {
  /// Of two classes that of the second, of more classes and of labels the mean.
  case standard = ""
  case macro, micro, weighted

  /// The name of a metric with such an average.
  func name(of metric: String) -> String { self == .standard ? metric : "\(metric)_\(rawValue)" }

  var about: String {
    switch self {
    case .standard: "of two classes that of the second, else a mean over classes or labels"
    case .macro: "a mean over classes or labels"
    case .micro: "of all classes or labels together"
    case .weighted: "a mean over classes or labels, weighted by how many targets are of each"
    }
  }
}
