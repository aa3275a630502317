internal import Diagnostics

/// Precision, recall, F1 and accuracy of each label where a sample may have several.
package struct LabelScores: Equatable, Sendable {
  package let rows: [DecisionCounts]
  /// The area under the ROC curve of each label, if it is known.
  private let areas: [Double?]

  /// Of a record; nil where no metric counts decisions for labels.
  package init?(_ record: Metrics, areas: [Double?] = []) {
    guard let place = record.kinds.firstIndex(where: { $0.parts == .labelDecisions }) else {
      return nil
    }
    rows = DecisionCounts.rows(
      record.parts(ofMetric: place), perRow: DecisionCounts.partsOfLabel)
    self.areas = areas.count == rows.count ? areas : rows.map { _ in nil }
  }

  /// The names that are given, if there is one for each label.
  private func named(_ names: [String]) -> [String] {
    names.count == rows.count ? names : rows.indices.map { "label \($0 + 1)" }
  }

  /// A line for each label.
  package func lines(_ names: [String]) -> [String] {
    let hasAreas = areas.contains { $0 != nil }
    var table = Table(
      [
        .left("label"), .right("samples"), .right("precision"), .right("recall"), .right("f1"),
        .right("accuracy"),
      ] + (hasAreas ? [.right("auc")] : []))
    for (name, (row, area)) in zip(named(names), zip(rows, areas)) {
      table.add(
        [name.clipped(to: 24), row.positives.asCount]
          + [row.precision, row.recall, row.f1, row.accuracy].map { $0?.asPercent ?? "" }
          + (hasAreas ? [area?.formatted(4) ?? ""] : []))
    }
    return table.lines
  }

  /// The member `labels` of an object.
  package func members(_ names: [String]) -> [(String, JSONValue)] {
    let labels = zip(named(names), zip(rows, areas)).map { name, scores in
      let (row, area) = scores
      return JSONValue.object([
        ("name", .string(name)), ("samples", .count(row.positives)),
        ("precision", .number(row.precision)), ("recall", .number(row.recall)),
        ("f1", .number(row.f1)), ("accuracy", .number(row.accuracy)), ("auc", .number(area)),
      ])
    }
    return [("labels", .array(labels))]
  }
}
