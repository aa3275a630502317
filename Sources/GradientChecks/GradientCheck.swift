internal import Diagnostics
package import Reports

/// The result of a gradient check: exact gradients against differences of the loss, and the
/// engine's gradients against the exact ones.
package struct GradientCheck: Sendable {
  /// One row for each parameter tensor.
  package let rows: [Row]
  /// The samples of the loss.
  package let samples: Int

  /// The verdict on a gradient; a greater one is worse.
  package enum Verdict: String, Comparable, Sendable {
    case right
    /// Rounding errors or kinks of the loss are too large to decide.
    case undecidable
    case wrong

    package static func < (a: Verdict, b: Verdict) -> Bool { a.rank < b.rank }

    private var rank: Int {
      switch self {
      case .right: 0
      case .undecidable: 1
      case .wrong: 2
      }
    }

    var word: String {
      switch self {
      case .right: "ok"
      case .undecidable: "undecidable"
      case .wrong: "WRONG"
      }
    }
  }

  package struct Row: Sendable {
    package let parameter: String
    package let elements: Int
    package let differences: Differences
    package let engine: EngineComparison

    package var verdict: Verdict { max(differences.verdict, engine.verdict) }
  }

  /// The exact gradient of a parameter against differences of the loss.
  package struct Differences: Sendable {
    /// The derivatives that were compared.
    package let probes: Int
    /// The probes without a result: the loss is not smooth there, or rounding errors are too large.
    package let skipped: Int
    /// The largest relative error of a derivative.
    ///
    /// Rounding errors contribute at most `differenceBound`.
    package let error: Double

    package var verdict: Verdict {
      // Not-a-number is wrong.
      error <= GradientCheck.differenceBound ? (probes > 0 ? .right : .undecidable) : .wrong
    }

    static let columns: [Table.Column] = [
      .right("probes"), .right("skipped"), .right("difference error"),
    ]

    var cells: [String] { [probes.grouped, skipped.grouped, error.formatted(digits: 2)] }

    var fields: [(String, JSONValue)] {
      [
        ("probes", .integer(probes)), ("skipped", .integer(skipped)),
        ("difference_error", .number(error)),
      ]
    }
  }

  /// The engine's gradient of a parameter against the exact one.
  package struct EngineComparison: Sendable {
    /// The norm of the error, divided by the norm of the parameter's gradient.
    package let error: Double
    let verdict: Verdict
  }

  /// The step h of central differences.
  ///
  /// The truncation error is h² and the rounding error ε/h, so the best step is near ε^(1/3).
  static let step = 1e-5
  /// Ten times the largest error of steep losses; a wrong factor causes a thousand times more.
  package static let differenceBound = 1e-6
  /// Allows for several contractions in a row, each of thousands of products rounded by 6e-8.
  package static let engineBound = 1e-4
  /// The largest relative uncertainty at which a comparison is decided.
  static let precision = 0.01

  /// The worst of all rows.
  package var verdict: Verdict { rows.map(\.verdict).max() ?? .right }

  package var table: Table {
    var table = Table(
      [.left("parameter"), .right("elements")] + Differences.columns
        + [.right("engine error"), .left("verdict")])
    for row in rows {
      table.add(
        [row.parameter, row.elements.grouped] + row.differences.cells
          + [row.engine.error.formatted(digits: 2), row.verdict.word])
    }
    return table
  }

  package var json: JSONValue {
    let parameters = rows.map { row -> JSONValue in
      .object(
        [("name", .string(row.parameter)), ("elements", .integer(row.elements))]
          + row.differences.fields
          + [
            ("engine_error", .number(row.engine.error)), ("verdict", .string(row.verdict.rawValue)),
          ])
    }
    return GradientCheck.json(
      verdict, samples, ("engine_bound", .number(GradientCheck.engineBound)),
      ("parameters", .array(parameters)))
  }

  /// What was checked, behind what all checks say.
  static func json(
    _ verdict: Verdict, _ samples: Int, _ rest: (String, JSONValue)...
  ) -> JSONValue {
    .object(
      [
        ("passes", .boolean(verdict < .wrong)), ("samples", .integer(samples)),
        ("difference_bound", .number(differenceBound)),
      ] + rest)
  }
}
