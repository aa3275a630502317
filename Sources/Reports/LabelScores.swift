/// Precision, recall, F1 and accuracy of each label where a sample may have several.
package struct LabelScores: Equatable, Sendable {
  package struct Row: Equatable, Sendable {
    /// Over the samples that are predicted to have the label: a sum of those that do.
    fileprivate let predicted: Metrics.Sum
    /// Over the samples that have the label: a sum of those predicted to.
    fileprivate let positive: Metrics.Sum
    /// Over all samples: a sum of those predicted right.
    fileprivate let all: Metrics.Sum

    package var positives: Int { positive.targets }
    package var precision: Double? { predicted.mean }
    package var recall: Double? { positive.mean }
    package var accuracy: Double? { all.mean }

    /// The harmonic mean of precision and recall; nil where the label is neither there nor
    /// predicted.
    package var f1: Double? {
      let count = positive.targets + predicted.targets
      return count > 0 ? 2 * positive.sum / Double(count) : nil
    }
  }

  package let rows: [Row]

  /// The parts of the metric `f1`.
  init(_ parts: ArraySlice<Metrics.Sum>) {
    rows = stride(from: parts.startIndex, to: parts.endIndex, by: 3).map {
      Row(predicted: parts[$0], positive: parts[$0 + 1], all: parts[$0 + 2])
    }
  }

  /// Of a record; nil where `f1` is not followed.
  package init?(_ record: Metrics) {
    guard let place = record.kinds.firstIndex(of: .f1) else { return nil }
    self.init(record.parts(ofMetric: place))
  }

  /// The names that are given, if there is one for each label.
  private func named(_ names: [String]) -> [String] {
    names.count == rows.count ? names : rows.indices.map { "label \($0 + 1)" }
  }

  /// A line for each label.
  package func lines(_ names: [String]) -> [String] {
    var table = Table([
      .left("label"), .right("samples"), .right("precision"), .right("recall"), .right("f1"),
      .right("accuracy"),
    ])
    for (name, row) in zip(named(names), rows) {
      table.add(
        [name.clipped(to: 24), "\(row.positives)"]
          + [row.precision, row.recall, row.f1, row.accuracy].map { $0?.asPercent ?? "" })
    }
    return table.lines
  }

  /// The member `labels` of an object.
  package func members(_ names: [String]) -> [(String, JSONValue)] {
    let labels = zip(named(names), rows).map { name, row in
      JSONValue.object([
        ("name", .string(name)), ("samples", .integer(row.positives)),
        ("precision", .number(row.precision)), ("recall", .number(row.recall)),
        ("f1", .number(row.f1)), ("accuracy", .number(row.accuracy)),
      ])
    }
    return [("labels", .array(labels))]
  }
}
