internal import Diagnostics

/// The metrics of all folds of a cross-validation, their means and standard errors.
package struct CrossvalScores {
  private struct Row {
    let fold: Int
    let round: Int
    let run: String
    let metrics: Metrics
  }

  private var rows: [Row] = []

  package init() {}

  /// Adds the metrics of a fold, in the round of a repeated cross-validation.
  package mutating func add(_ metrics: Metrics, fold: Int, round: Int, run: String) {
    rows.append(Row(fold: fold, round: round, run: run, metrics: metrics))
  }

  /// The loss and the metrics that some fold has.
  private var names: [String] {
    ["loss"]
      + (rows.first?.metrics.kinds ?? []).map(\.name).filter { name in
        rows.contains { $0.metrics[name] != nil }
      }
  }

  /// The mean over the folds that have a metric, and the standard error of that mean: the deviation
  /// of the sample over the root of the number of folds; 0 for one fold.
  package func summary(of name: String) -> (mean: Double, standardError: Double) {
    let values = rows.compactMap { $0.metrics[name] }
    let count = Double(values.count)
    guard count > 1 else { return (values.first ?? 0, 0) }
    let mean = values.reduce(0, +) / count
    var squares = 0.0
    for value in values { squares += (value - mean) * (value - mean) }
    return (mean, (squares / (count - 1) / count).squareRoot())
  }

  /// A row for each fold, then the mean and its standard error.
  package var table: Table {
    let showsRounds = rows.contains { $0.round > 1 }
    var table = Table(
      (showsRounds ? [.right("repeat")] : []) + [.left("fold"), .right("samples")]
        + names.map { .right($0) })
    for row in rows {
      let values = names.map { name in row.metrics[name].map { text($0, name) } ?? "–" }
      let head = ["\(row.fold)", row.metrics.samples.grouped]
      table.add((showsRounds ? ["\(row.round)"] : []) + head + values)
    }
    table.addRule()
    let start = showsRounds ? [""] : []
    let means = names.map { text(summary(of: $0).mean, $0) }
    let errors = names.map { text(summary(of: $0).standardError, $0) }
    table.add(start + ["mean", ""] + means)
    table.add(start + ["standard error", ""] + errors)
    return table
  }

  private func text(_ value: Double, _ name: String) -> String {
    let metric = rows.first?.metrics.kinds.first { $0.name == name }
    return metric?.form == .fraction ? "\((100 * value).formatted(2)) %" : value.asShortNumber
  }

  package var json: JSONValue {
    func all(_ value: (String) -> Double) -> JSONValue {
      .object(names.map { ($0, .number(value($0))) })
    }
    let folds = rows.map { row in
      let head: [(String, JSONValue)] = [
        ("fold", .integer(row.fold)), ("repeat", .integer(row.round)), ("run", .string(row.run)),
        ("samples", .integer(row.metrics.samples)), ("loss", .number(row.metrics.loss)),
      ]
      return JSONValue.object(head + row.metrics.members)
    }
    return .object([
      ("folds", .array(folds)), ("mean", all { summary(of: $0).mean }),
      ("standard_error", all { summary(of: $0).standardError }),
    ])
  }
}
