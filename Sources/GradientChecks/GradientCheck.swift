internal import Diagnostics
package import Reports

/// How the gradients of a network compare with differences of its loss, and those of the fast
/// engine with the exact ones.
package struct GradientCheck: Sendable {
  /// One row for each parameter tensor.
  package let rows: [Row]
  /// How many samples the loss is of.
  package let samples: Int

  /// What can be said of a gradient; the greatest is the worst.
  package enum Verdict: String, Comparable, Sendable {
    case right
    /// Rounding, or kinks of the loss, hide whether the gradient is right.
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

    fileprivate var word: String {
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

  /// The exact gradient of a parameter against differences.
  package struct Differences: Sendable {
    /// Derivatives that were compared.
    package let probes: Int
    /// Probes that say nothing: no place was found where the loss is smooth, or rounding hides it.
    package let skipped: Int
    /// The largest error of a derivative against its difference, relative to the greater; of
    /// rounding, no more than `differenceBound`.
    package let error: Double

    var verdict: Verdict {
      // Not-a-number is within no bound.
      error <= GradientCheck.differenceBound ? (probes > 0 ? .right : .undecidable) : .wrong
    }
  }

  /// The engine's gradient of a parameter against the exact one.
  package struct EngineComparison: Sendable {
    /// The norm of the error over the norm of the tensor's gradient.
    package let error: Double
    let verdict: Verdict
  }

  /// A central difference with step h has a truncation error of h² and a rounding error of ε/h
  /// relative to the loss: the best step, ε^(1/3), is near this.
  static let step = 1e-5
  /// Ten times what steep losses reach at that step, a thousandth of what any wrong factor makes.
  package static let differenceBound = 1e-6
  /// Contractions of thousands of float32 products, each rounded by 6e-8, and several in a row.
  package static let engineBound = 1e-4
  /// What rounding may hide of a gradient whose check still means something.
  static let precision = 0.01

  /// The worst of all rows.
  package var verdict: Verdict { rows.map(\.verdict).max() ?? .right }

  package var table: Table {
    var table = Table([
      .left("parameter"), .right("elements"), .right("probes"), .right("skipped"),
      .right("difference error"), .right("engine error"), .left("verdict"),
    ])
    for row in rows {
      table.add([
        row.parameter, row.elements.grouped, row.differences.probes.grouped,
        row.differences.skipped.grouped, row.differences.error.formatted(digits: 2),
        row.engine.error.formatted(digits: 2), row.verdict.word,
      ])
    }
    return table
  }

  package var json: JSONValue {
    .object([
      ("passes", .boolean(verdict < .wrong)),
      ("samples", .integer(samples)),
      ("difference_bound", .number(GradientCheck.differenceBound)),
      ("engine_bound", .number(GradientCheck.engineBound)),
      (
        "parameters",
        .array(
          rows.map { row in
            .object([
              ("name", .string(row.parameter)),
              ("elements", .integer(row.elements)),
              ("probes", .integer(row.differences.probes)),
              ("skipped", .integer(row.differences.skipped)),
              ("difference_error", .number(row.differences.error)),
              ("engine_error", .number(row.engine.error)),
              ("verdict", .string(row.verdict.rawValue)),
            ])
          })
      ),
    ])
  }
}
