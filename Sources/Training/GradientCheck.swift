internal import Diagnostics
package import Reports

/// How the gradients of a network compare with differences of its loss, and those of the fast
/// engine with the exact ones.
package struct GradientCheck: Sendable {
  /// One row for each parameter tensor.
  package let rows: [Row]
  /// How many samples the loss is of.
  package let samples: Int

  package struct Row: Sendable {
    package let parameter: String
    package let elements: Int
    /// Derivatives that were compared with differences.
    package let probes: Int
    /// Probes that found no place where the loss is smooth, and so say nothing.
    package let skipped: Int
    /// The largest error of a derivative against its difference, relative to the greater.
    package let differenceError: Double
    /// The norm of the engine's error over the norm of the tensor's gradient.
    package let engineError: Double

    package var passes: Bool { differencesPass && engineError <= GradientCheck.engineBound }

    /// Not-a-number passes no bound; a tensor without probes was not checked.
    var differencesPass: Bool {
      probes > 0 && differenceError <= GradientCheck.differenceBound
    }
  }

  /// A central difference with step h has a truncation error of h² and a rounding error of ε/h
  /// relative to the loss: the best step, ε^(1/3), is near this.
  static let step = 1e-5
  /// Ten times what steep losses reach at that step, a thousandth of what any wrong factor makes.
  package static let differenceBound = 1e-6
  /// Contractions of thousands of float32 products, each rounded by 6e-8, and several in a row.
  package static let engineBound = 1e-4

  package var passes: Bool { rows.allSatisfy(\.passes) }

  package var table: Table {
    var table = Table([
      .left("parameter"), .right("elements"), .right("probes"), .right("skipped"),
      .right("difference error"), .right("engine error"), .left("verdict"),
    ])
    for row in rows {
      table.add([
        row.parameter, row.elements.grouped, row.probes.grouped, row.skipped.grouped,
        row.differenceError.formatted(digits: 2), row.engineError.formatted(digits: 2),
        row.passes ? "ok" : "WRONG",
      ])
    }
    return table
  }

  package var json: JSONValue {
    .object([
      ("passes", .boolean(passes)),
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
              ("probes", .integer(row.probes)),
              ("skipped", .integer(row.skipped)),
              ("difference_error", .number(row.differenceError)),
              ("engine_error", .number(row.engineError)),
              ("passes", .boolean(row.passes)),
            ])
          })
      ),
    ])
  }
}
