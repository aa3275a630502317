package import Diagnostics

/// Windows after each of which a forecast goes on, step by step.
package struct ForecastOrigins {
  /// The steps before each forecast, and what is known of its series.
  fileprivate struct Origin {
    let name: String
    var steps: ArraySlice<Float>
    /// The time stamp of the last step, and the seconds from one step to the next if all have the
    /// same.
    var time: Double?
    let interval: Double?
  }

  private let columns: CSVColumns
  private let window: SeriesWindow
  private var origins: [Origin]
  /// What followed each window, as far as it is known: step after step, target after target.
  package let truth: [[Float]]

  /// The ends of the series of a file.
  package init(endsOf path: String, _ columns: CSVColumns) throws(Failure) {
    guard let window = columns.window else { throw Self.noSeries }
    let table = try SeriesTable(path, CSVSettings(columns), window, known: columns.features)
    self.columns = columns
    self.window = window
    truth = []
    origins = []
    for series in table.series {
      try table.check(series, has: window.length)
      origins.append(
        Self.origin(series, SeriesSteps(series, columns), before: series.rows, window))
    }
  }

  /// All windows with this many steps after them within a part of each series.
  init(
    _ table: SeriesTable, _ columns: CSVColumns, _ parts: [Range<Int>], horizon: Int
  ) {
    self.columns = columns
    window = table.window
    var (origins, truth): ([Origin], [[Float]]) = ([], [])
    for (series, part) in zip(table.series, parts) {
      let steps = SeriesSteps(series, columns)
      let first = part.lowerBound + window.length
      for end in Swift.stride(from: first, through: part.upperBound - horizon, by: 1) {
        origins.append(Self.origin(series, steps, before: end, window))
        truth.append(steps.targets(end..<end + horizon))
      }
    }
    self.origins = origins
    self.truth = truth
  }

  private static func origin(
    _ series: SeriesTable.Series, _ steps: SeriesSteps, before end: Int, _ window: SeriesWindow
  ) -> Origin {
    // One interval at least, also before windows of one step.
    let start = max(0, end - max(2, window.length))
    let times = series.times.isEmpty ? [] : series.times[start..<end]
    let intervals = zip(times, times.dropFirst()).map { $1 - $0 }
    return Origin(
      name: series.name, steps: steps[end - window.length..<end], time: times.last,
      interval: Set(intervals).count == 1 ? intervals[0] : nil)
  }

  package static let noSeries = Failure(
    .usage, "--horizon is for networks that were trained on windows of series")

  package var count: Int { origins.count }
  package func name(of origin: Int) -> String { origins[origin].name }

  /// The time stamp of a step after a window, from 1; nil if it does not follow from those before.
  package func time(of origin: Int, step: Int) -> String? {
    guard let time = origins[origin].time, let interval = origins[origin].interval else {
      return nil
    }
    return TimeStamp.text(time + Double(step) * interval)
  }

  /// The windows as samples.
  package var samples: any InputSamples { SeriesInput(origins.map { ($0.name, $0.steps) }) }

  /// Why forecasts cannot go on from their own predictions; nil if they can.
  package var obstacle: String? {
    let isPredicted = Set(columns.targets)
    if let input = columns.features.first(where: { !isPredicted.contains($0.name) }) {
      return "the network does not predict its input '\(input.name)'"
    }
    guard !window.calendar.isEmpty, let origin = origins.first(where: { $0.interval == nil }) else {
      return nil
    }
    return "the time stamps\(origin.name.isEmpty ? "" : " of '\(origin.name)'") are not regular"
  }

  /// Moves each window on by its predictions, all targets of the steps after it.
  package mutating func append(_ predictions: [Float]) {
    let places = columns.targetPlaces
    let size = places.count * window.horizon
    for number in origins.indices {
      for step in 0..<window.horizon {
        var row = [Float](repeating: 0, count: columns.width)
        for (target, place) in places.enumerated() {
          row[place] = predictions[number * size + step * places.count + target]
        }
        if let time = origins[number].time, let interval = origins[number].interval {
          origins[number].time = time + interval
          let cycles = window.calendar.flatMap { $0.numbers(time + interval) }
          row.replaceSubrange(columns.width - cycles.count..<columns.width, with: cycles)
        }
        origins[number].steps = origins[number].steps.dropFirst(columns.width) + row
      }
    }
  }
}

extension CSVColumns {
  /// The columns that are predicted.
  package var targets: [String] { if case .targets(let names) = target { names } else { [] } }
}

extension DataConfiguration {
  /// The file that a network learnt series from.
  package func seriesFile(
    as known: KnownCoding, in paths: DataPaths = .standard
  ) throws(Failure) -> String {
    guard let csv = try stored(seed: 0, as: known, in: paths)?.table else {
      throw ForecastOrigins.noSeries
    }
    return csv.files[0]
  }

  /// The windows of the validation set with all steps of a horizon behind them; nil if the data
  /// have none.
  package func validationOrigins(
    horizon: Int, as known: KnownCoding, in paths: DataPaths = .standard
  ) throws(Failure) -> ForecastOrigins? {
    guard let columns = known.coding.columns, let window = columns.window,
      let csv = try stored(seed: 0, as: known, in: paths)?.table
    else { return nil }
    let share: Double? = if case .share(let share) = validation { share } else { nil }
    guard validation != .none, share != nil || csv.settings.testShare != nil || csv.testFile != nil
    else { return nil }
    let isApart = share == nil && csv.settings.testShare == nil
    let table = try SeriesTable(
      (isApart ? csv.testFile : nil) ?? csv.files[0], csv.settings, window,
      known: columns.features)
    let parts = table.split(validation: share, test: csv.settings.testShare)
    let ranges =
      share != nil
      ? parts.validation : isApart ? table.series.map { 0..<$0.rows } : parts.test
    let origins = ForecastOrigins(table, columns, ranges, horizon: horizon)
    return origins.count > 0 ? origins : nil
  }
}
