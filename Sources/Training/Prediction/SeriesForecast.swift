package import Datasets
package import Diagnostics
package import Reports

/// Forecasts of series beyond their ends, with intervals from the residuals of validation.
package struct SeriesForecast {
  /// The share of the residuals of validation within an interval.
  package static let coverage = 0.9
  /// Fewer residuals give no interval.
  private static let fewestResiduals = 20

  private let origins: ForecastOrigins
  private let targets: [String]
  private let horizon: Int
  /// For each origin, step after step, target after target.
  private let values: [[Float]]
  /// What is added for the lower and the upper end of an interval; nil without residuals.
  private let bounds: [(low: Double, high: Double)]?

  package var hasIntervals: Bool { bounds != nil }

  /// `validation` are windows with all steps of the horizon behind them.
  package init(
    _ predictor: Predictor, from origins: ForecastOrigins, horizon: Int,
    validation: ForecastOrigins?
  ) throws(Failure) {
    guard let columns = predictor.coding.columns, columns.window != nil else {
      throw ForecastOrigins.noSeries
    }
    self.origins = origins
    self.horizon = horizon
    targets = columns.targets
    values = try Self.forecasts(predictor, from: origins, horizon, columns)
    guard let validation, validation.count >= Self.fewestResiduals else {
      bounds = nil
      return
    }
    let past = try Self.forecasts(predictor, from: validation, horizon, columns)
    let truth = validation.truth.map(columns.inUnits)
    bounds = values[0].indices.map { place in
      let residuals = zip(truth, past).map { Double($0[place]) - Double($1[place]) }.sorted()
      return (
        residuals.quantile((1 - Self.coverage) / 2), residuals.quantile((1 + Self.coverage) / 2)
      )
    }
  }

  /// Beyond the horizon of the network, forecasts go on from forecasts.
  private static func forecasts(
    _ predictor: Predictor, from origins: ForecastOrigins, _ horizon: Int, _ columns: CSVColumns
  ) throws(Failure) -> [[Float]] {
    let count = horizon * columns.targets.count
    var origins = origins
    var values = [[Float]](repeating: [], count: origins.count)
    while true {
      let predictions = try predictor.predictions(for: origins.samples)
      let units = columns.inUnits(predictions)
      let width = predictor.width
      for place in values.indices { values[place] += units[place * width..<(place + 1) * width] }
      guard values[0].count < count else { return values.map { Array($0.prefix(count)) } }
      if let obstacle = origins.obstacle {
        throw Failure(
          .usage,
          "--horizon \(horizon): the network predicts \(width / columns.targets.count) steps, and "
            + "cannot go on from them: \(obstacle)")
      }
      origins.append(predictions)
    }
  }

  /// The lines of a table without header: the series if it has a name, the time stamp or number of
  /// the step, and for each target its forecast and the ends of its interval.
  package var fields: [[String]] {
    var lines: [[String]] = []
    for origin in values.indices {
      let name = origins.name(of: origin)
      for step in 1...horizon {
        var line = name.isEmpty ? [] : [name]
        line.append(origins.time(of: origin, step: step) ?? "+\(step)")
        for place in places(of: step) {
          line.append(values[origin][place].description)
          if let (low, high) = interval(origin, place) {
            line += [Float(low).description, Float(high).description]
          }
        }
        lines.append(line)
      }
    }
    return lines
  }

  /// The places of the targets of a step.
  private func places(of step: Int) -> Range<Int> {
    (step - 1) * targets.count..<step * targets.count
  }

  private func interval(_ origin: Int, _ place: Int) -> (low: Double, high: Double)? {
    bounds.map { bounds in
      let value = Double(values[origin][place])
      return (value + bounds[place].low, value + bounds[place].high)
    }
  }

  package var json: [(String, JSONValue)] {
    var series: [JSONValue] = []
    for origin in values.indices {
      let name = origins.name(of: origin)
      let steps = JSONValue.array((1...horizon).map { json(origin, step: $0) })
      series.append(
        .object((name.isEmpty ? [] : [("series", .string(name))]) + [("steps", steps)]))
    }
    let coverage: [(String, JSONValue)] =
      hasIntervals ? [("coverage", .number(Self.coverage))] : []
    return [("targets", .array(targets.map { .string($0) }))] + coverage
      + [("forecasts", .array(series))]
  }

  private func json(_ origin: Int, step: Int) -> JSONValue {
    let places = places(of: step)
    var members: [(String, JSONValue)] = [("step", .integer(step))]
    if let time = origins.time(of: origin, step: step) { members.append(("time", .string(time))) }
    members.append(
      ("values", .array(places.map { .number(values[origin][$0].decimal) })))
    let intervals = places.compactMap { interval(origin, $0) }
    if hasIntervals {
      members.append(("low", .array(intervals.map { .number(Float($0.low).decimal) })))
      members.append(("high", .array(intervals.map { .number(Float($0.high).decimal) })))
    }
    return .object(members)
  }
}

extension [Double] {
  /// Of sorted numbers, linear between two of them.
  fileprivate func quantile(_ share: Double) -> Double {
    let place = share * Double(count - 1)
    let lower = Int(place)
    let upper = Swift.min(lower + 1, count - 1)
    return self[lower] + (place - Double(lower)) * (self[upper] - self[lower])
  }
}
