internal import Configuration
internal import Diagnostics

/// A column of dates or times: the days since 2000 as a number, and where in some cycles of the
/// calendar each stands.
package struct DateColumn: ColumnKind, ColumnWriter {
  /// Of the days since 2000.
  let mean: Double
  let deviation: Double
  let cycles: [CalendarCycle]
  /// What completes a missing value, in seconds since 1970; nil where it is an error.
  let missing: Double?

  var width: Int { 1 + 2 * cycles.count }

  func names(of column: String) -> [String] {
    (["days"] + cycles.flatMap(\.names)).map { "\(column) \($0)" }
  }

  var text: String {
    "mean: \(shortest(mean)), deviation: \(shortest(deviation)), "
      + "cycles: [\(cycles.map(\.rawValue).joined(separator: ", "))]"
      + (missing.map { ", missing: \(shortest($0))" } ?? "")
  }

  /// The first of January 2000, in days since 1970.
  private static let firstDay = Double(TimeStamp.days(2000, 1, 1))

  /// The same in seconds.
  static let firstSecond = firstDay * TimeStamp.day

  private static func days(_ time: Double) -> Double { time / TimeStamp.day - firstDay }

  func write(
    _ column: Int, of row: CSVRow, into target: UnsafeMutablePointer<Float>
  ) throws(Failure) {
    let time = if let missing, row[column].isMissing { missing } else { try row.time(column) }
    unsafe target[0] = Float((Self.days(time) - mean) / deviation)
    for (place, number) in cycles.flatMap({ $0.numbers(time) }).enumerated() {
      unsafe target[1 + place] = number
    }
  }

  struct Learner: ColumnLearner {
    private var statistics: NumberStatistics
    /// Whether a value has a clock time.
    private var hasClock = false
    private let standardises: Bool

    init(_ policy: MissingPolicy, standardises: Bool) {
      statistics = NumberStatistics(policy)
      self.standardises = standardises
    }

    mutating func learn(_ column: Int, of row: CSVRow) throws(Failure) {
      let time = try row.time(column)
      if time.remainder(dividingBy: TimeStamp.day) != 0 { hasClock = true }
      try statistics.add(time)
    }

    mutating func content(missing: Int) -> CSVColumns.Encoding? {
      guard let (moments, completion) = statistics.completed(missing: missing) else { return nil }
      let deviation = moments.standard.deviation / (moments.variance > 0 ? TimeStamp.day : 1)
      return .date(
        DateColumn(
          mean: standardises ? DateColumn.days(moments.mean) : 0,
          deviation: standardises ? deviation : 1,
          cycles: [.year, .week] + (hasClock ? [.day] : []), missing: completion))
    }
  }
}
