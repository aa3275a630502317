package import Diagnostics
package import Reports

/// Constants fitted to finished runs, as text, as JSON and as a picture.
package struct RunFit: Sendable {
  private let paths: [String]
  private let fit: ScalingFit
  package let constants: ScalingConstants

  package init(of paths: [String]) throws(Failure) {
    guard paths.count >= ScalingFit.leastRuns else { throw ScalingFit.tooFewRuns(paths.count) }
    let runs = try paths.map { path throws(Failure) in try FinishedRun(path) }
    try FinishedRun.checkComparable(runs)
    self.paths = runs.map(\.path)
    fit = try ScalingFit(runs.map(\.point))
    constants = ScalingConstants(
      fit, source: "a fit to \(runs.count) runs", tokens: runs[0].tokens)
  }

  package var svg: String { ScalingPlot(fit).svg }

  package var lines: [String] {
    var table = Table([.left("constant"), .right("value"), .left("95 % interval")])
    for (name, value) in ScalingLaw.constants {
      table.add([
        name, fit.law[keyPath: value].asShortNumber,
        constants.interval { $0[keyPath: value] }?.text(\.asShortNumber) ?? "",
      ])
    }
    table.addRule()
    for (name, value) in Self.exponents {
      table.add([
        name, value(fit.law).formatted(4),
        constants.interval(value)?.text { $0.formatted(4) } ?? "",
      ])
    }
    var runs = Table([
      .left("run"), .right("parameters"), .right("tokens"), .right("loss"), .right("fitted"),
      .right("residual"),
    ])
    for (path, (point, residual)) in zip(paths, zip(fit.points, fit.residuals)) {
      runs.add([
        path, Int(point.parameters).grouped, Int(point.tokens).grouped, point.loss.formatted(4),
        (point.loss - residual).formatted(4), residual.formatted(4),
      ])
    }
    return ["L = E + A / N^alpha + B / D^beta, fitted to \(fit.points.count) runs"] + table.lines
      + [""] + runs.lines
  }

  private static let exponents: [(name: String, value: @Sendable (ScalingLaw) -> Double)] = [
    ("parameters ~ C^", { $0.parameterExponent }), ("tokens ~ C^", { 1 - $0.parameterExponent }),
  ]

  package var json: JSONValue {
    .object([
      ("constants", .object(fit.law.members)),
      (
        "intervals",
        .object(
          ScalingLaw.constants.map { constant in
            (constant.name, constants.interval { $0[keyPath: constant.value] }?.json ?? .null)
          })
      ),
      ("parameter_exponent", .number(fit.law.parameterExponent)),
      (
        "parameter_exponent_interval",
        constants.interval(\.parameterExponent)?.json ?? .null
      ),
      (
        "runs",
        .array(
          zip(paths, zip(fit.points, fit.residuals)).map { path, run in
            .object([
              ("run", .string(path)), ("parameters", .integer(Int(run.0.parameters))),
              ("tokens", .integer(Int(run.0.tokens))), ("loss", .number(run.0.loss)),
              ("residual", .number(run.1)),
            ])
          })
      ),
    ])
  }
}
