internal import Configuration
internal import Diagnostics

/// How stretches of a table in time order become samples.
package struct SeriesWindow: Equatable, Sendable {
  /// The steps of a sample, and the steps after it whose targets are predicted.
  package let length: Int
  package let horizon: Int
  /// The steps from the start of a window to that of the next.
  package let stride: Int
  /// The column that names the series of a row; nil if the file holds one series.
  package let group: String?
  /// The column of time stamps; nil if lines stand in the order of time.
  package let time: String?
  package let calendar: [CalendarCycle]

  package init(
    length: Int, horizon: Int = 1, stride: Int = 1, group: String? = nil, time: String? = nil,
    calendar: [CalendarCycle] = []
  ) {
    self.length = length
    self.horizon = horizon
    self.stride = stride
    self.group = group
    self.time = time
    self.calendar = calendar
  }

  /// The rows of a window with its targets.
  var rows: Int { length + horizon }

  /// The numbers that the calendar adds to each step.
  var calendarWidth: Int { 2 * calendar.count }

  /// The keys of a window itself.
  static let record = Record(
    "window", keys: keys,
    help: "Samples are stretches of a table in time order; targets are columns at the steps after.")

  private static let keys = [
    Key("length", .integer(in: 1...100_000), help: "the steps of a sample"),
    Key(
      "horizon", .integer(in: 1...10_000), default: 1,
      help: "the steps after a sample whose targets are predicted"),
    Key(
      "stride", .integer(in: 1...1_000_000), default: 1,
      help: "the steps from the start of a window to that of the next"),
  ]

  /// The same with the share of a test set.
  static let splitRecord = Record(
    "window",
    keys: keys + [
      Key(
        "test", .number(in: .above(0, below: 1)), default: .absent,
        help: "the share of each series, its end, that is the test set")
    ],
    help: "Samples are stretches of a table in time order; targets are columns at the steps after.")

  /// The keys beside a window.
  static let columnKeys = [
    Key(
      "group", .text, default: .absent,
      help: "the column that names the series of a row; left out, the file is one series"),
    Key(
      "time", .text, default: .absent,
      help: "the column of time stamps, as 2024-03-31 or 2024-03-31T13:00:00Z, or seconds since"
        + " 1970; left out, lines stand in the order of time"),
    Key(
      "calendar", .list(of: .choice(CalendarCycle.self), count: 1...3), default: .absent,
      help: "cycles of the time stamp; each adds its sine and cosine to a step"),
  ]

  /// The window of settings that have these keys; nil if they have none.
  init?(_ settings: Settings) throws(Failure) {
    guard let window = settings.optionalSection("window") else {
      if let key = Self.columnKeys.map(\.name).first(where: { settings.optionalValue($0) != nil }) {
        throw settings.failure(at: key, "is for windows of a series: add window or leave it out")
      }
      return nil
    }
    let cycles = settings.optionalValue("calendar")?.list.map(\.text) ?? []
    guard Set(cycles).count == cycles.count else {
      throw settings.failure(at: "calendar", "names a cycle twice")
    }
    self.init(
      length: window.integer("length"), horizon: window.integer("horizon"),
      stride: window.integer("stride"), group: settings.optionalText("group"),
      time: settings.optionalText("time"),
      calendar: cycles.compactMap { CalendarCycle(rawValue: $0) })
    guard calendar.isEmpty || time != nil else {
      throw settings.failure(at: "calendar", "needs the column of time stamps: time")
    }
  }

  /// The lines of a coding.
  var lines: [String] {
    ["window: {length: \(length), horizon: \(horizon), stride: \(stride)}"]
      + [("group", group), ("time", time)].compactMap { key, name in
        name.map { "\(key): \(doubleQuoted($0))" }
      }
      + (calendar.isEmpty
        ? [] : ["calendar: [\(calendar.map(\.rawValue).joined(separator: ", "))]"])
  }
}
