internal import Diagnostics

/// The error of each target of a forecast beside those of forecasts without a network.
package struct ForecastScores: Sendable {
  package struct Row: Sendable {
    package let name: String
    /// Roots of mean squared errors, in the units of the data.
    package let error: Double?
    package let lastValue: Double
    package let autoregression: Double
  }

  package let rows: [Row]

  /// Nil where `rmse` is not followed; `units` are the deviations that targets were divided by.
  package init?(
    _ record: Metrics, _ names: [String], units: [Double], lastValue: [Double],
    autoregression: [Double]
  ) {
    guard let errors = record.errorsOfTargets, errors.count == names.count else { return nil }
    rows = names.indices.map { place in
      Row(
        name: names[place], error: errors[place].map { $0 * units[place] },
        lastValue: lastValue[place], autoregression: autoregression[place])
    }
  }

  package var lines: [String] {
    var table = Table([
      .left("target"), .right("rmse"), .right("last value"), .right("autoregression"),
    ])
    for row in rows {
      table.add(
        [row.name.clipped(to: 24)]
          + [row.error, row.lastValue, row.autoregression].map { $0?.asShortNumber ?? "" })
    }
    return table.lines
  }

  package var members: [(String, JSONValue)] {
    [
      (
        "forecast",
        .array(
          rows.map { row in
            .object([
              ("name", .string(row.name)), ("rmse", .number(row.error)),
              ("last_value", .number(row.lastValue)),
              ("autoregression", .number(row.autoregression)),
            ])
          })
      )
    ]
  }
}

extension Metrics {
  /// The root of the mean squared error of each target; nil where `rmse` is not followed.
  fileprivate var errorsOfTargets: [Double?]? {
    guard let place = kinds.firstIndex(of: .rootMeanSquare) else { return nil }
    return parts(ofMetric: place).map { $0.mean?.squareRoot() }
  }
}
