package import Diagnostics
package import Reports

/// The same metrics of some runs, side by side.
package struct CurveSelection {
  /// A curve of a run.
  package struct Column: Sendable {
    /// The name of the run; the path where names are equal.
    package let run: String
    package let curve: MetricsSeries.Curve
  }

  package let columns: [Column]
  /// What was left out, for users.
  package let notes: [String]
  private let records: [RunRecord]
  /// Whether rows are steps; otherwise they are epochs.
  private let showsSteps: Bool

  /// - Parameters:
  ///   - metrics: The names of curves of `metrics.jsonl`.
  ///   - records: The runs; those without a metric are left out.
  ///   - split: Nil stands for training and validation.
  /// - Throws: If there is nothing to show of a metric.
  package init(
    _ metrics: [String], of records: [RunRecord], split: MetricsLine.Split?
  ) throws(Failure) {
    self.records = records
    showsSteps = split == .step
    var notes = records.flatMap { record in
      record.notes.filter { $0.hasPrefix("metrics.jsonl") }.map { "\(record.path)/\($0)" }
    }
    let begun = records.filter { !$0.metrics.curves.isEmpty }
    guard !begun.isEmpty else {
      let damage = notes.map { " (\($0))" }.joined()
      throw Failure(
        .noInput,
        "\(Self.names(records)) no epoch yet: expected lines in metrics.jsonl, found none\(damage); "
          + "wait for the end of the first epoch")
    }
    notes += records.filter { $0.metrics.curves.isEmpty }.map {
      "\($0.path) has no epoch yet: left out"
    }
    let areNamesUnique = Set(records.map(\.name)).count == records.count
    let splits = split.map { [$0] } ?? [.train, .validation]
    var columns: [Column] = []
    for metric in metrics {
      let found = begun.map { record in
        splits.compactMap { record.metrics[$0, metric] }.map { curve in
          Column(run: areNamesUnique ? record.name : record.path, curve: curve)
        }
      }
      guard found.contains(where: { !$0.isEmpty }) else {
        throw Self.missing(metric, begun, split)
      }
      columns += found.joined()
      notes += zip(begun, found).filter { $1.isEmpty }.map { record, _ in
        "\(record.path) has no curve of \(quoted(metric)): left out"
      }
    }
    self.columns = columns
    self.notes = notes
  }

  /// `'runs/a' has`, `'runs/a', 'runs/b' have`.
  private static func names(_ records: [RunRecord]) -> String {
    records.map { quoted($0.path) }.joined(separator: ", ")
      + (records.count == 1 ? " has" : " have")
  }

  private static func missing(
    _ metric: String, _ records: [RunRecord], _ split: MetricsLine.Split?
  ) -> Failure {
    let curves = records.flatMap(\.metrics.curves)
    let splits = MetricsLine.Split.allCases.filter { split in
      curves.contains { $0.split == split && $0.name == metric }
    }
    guard splits.isEmpty else {
      let remedy =
        split == .step
        ? "set train.log_every: N before training" : "leave out --split, or choose one of these"
      return Failure(
        .noInput,
        "\(names(records)) no curve of \(quoted(metric)) for --split \(split?.rawValue ?? ""), only "
          + "for \(splits.map(\.rawValue).joined(separator: ", ")); \(remedy)")
    }
    var known: [String] = []
    for curve in curves where !known.contains(curve.name) { known.append(curve.name) }
    return Failure(
      .usage,
      "--metric: \(names(records)) no metric \(quoted(metric))"
        + Suggestion.hint(for: metric, among: known))
  }

  /// What rows and the horizontal axis stand for.
  package var unit: String { showsSteps ? "step" : "epoch" }

  /// Where a point stands in that unit.
  package func place(of point: MetricsSeries.Point) -> Int {
    showsSteps ? point.step : point.epoch
  }

  /// A column's name: metric and split, and the run where there are several.
  package func name(of column: Column, withMetric: Bool = true) -> String {
    let parts = [
      records.count > 1 ? column.run : nil, withMetric ? column.curve.name : nil,
      column.curve.split.rawValue,
    ]
    return parts.compactMap(\.self).joined(separator: " ")
  }

  /// Names, then a row for each epoch or step that a curve has a point of.
  ///
  /// Numbers have all their digits; what is not finite is `nan`, what is missing empty.
  package var rows: [[String]] {
    let values = columns.map { column in
      Dictionary(column.curve.points.map { (place(of: $0), $0.value) }) { _, last in last }
    }
    let places = Set(values.flatMap(\.keys)).sorted()
    return [[unit] + columns.map { name(of: $0) }]
      + places.map { place in
        ["\(place)"] + values.map { $0[place].map { "\($0)" } ?? "" }
      }
  }

  /// The curves with all that is known of their points.
  package var json: JSONValue {
    .object([
      (
        "curves",
        .array(
          columns.map { column in
            .object([
              ("run", .string(column.run)), ("metric", .string(column.curve.name)),
              ("split", .string(column.curve.split.rawValue)),
              (
                "points",
                .array(
                  column.curve.points.map { point in
                    .object([
                      ("step", .integer(point.step)), ("epoch", .integer(point.epoch)),
                      ("wall_time", .number(point.wallTime)), ("value", .number(point.value)),
                    ])
                  })
              ),
            ])
          })
      ), ("notes", .array(notes.map { .string($0) })),
    ])
  }
}
