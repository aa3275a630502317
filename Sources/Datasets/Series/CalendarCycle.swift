internal import Elementary

/// A cycle of the calendar, which a step shows by the sine and the cosine of its phase.
package enum CalendarCycle: String, CaseIterable, Sendable {
  /// From midnight, from Monday, from the first of January.
  case day, week, year

  /// The part of the cycle that is over, from 0 to below 1.
  package func phase(_ time: Double) -> Double {
    let days = time / TimeStamp.day
    let today = days.rounded(.down)
    switch self {
    case .day: return days - today
    case .week:
      // The first of January 1970 was a Thursday.
      let week = (days + 3) / 7
      return week - week.rounded(.down)
    case .year:
      let year = TimeStamp.year(ofDay: Int(today))
      let start = TimeStamp.days(year, 1, 1)
      return (days - Double(start)) / Double(TimeStamp.days(year + 1, 1, 1) - start)
    }
  }

  func numbers(_ time: Double) -> [Float] {
    let angle = 2 * Double.pi * phase(time)
    return [Float(Double.sin(angle)), Float(Double.cos(angle))]
  }

  /// Of its two numbers.
  var names: [String] { ["sin \(rawValue)", "cos \(rawValue)"] }
}

/// Time stamps as seconds since 1970, without leap seconds.
package enum TimeStamp {
  static let day = 86_400.0

  /// Of `2024-03-31`, `2024-03-31 13:00`, `2024-03-31T13:00:00.5+02:00`, or of seconds; nil if the
  /// text is none of these.
  ///
  /// Without a time zone it is UTC.
  package static func seconds(_ text: String) -> Double? {
    var rest = Array(text.utf8)[...]
    while rest.first == UInt8(ascii: " ") { rest.removeFirst() }
    while rest.last == UInt8(ascii: " ") { rest.removeLast() }
    let trimmed = rest
    guard let date = Self.date(&rest) else {
      let number = Double(String(decoding: trimmed, as: UTF8.self))
      // Beyond 2^53 seconds are not told apart.
      return number.flatMap { abs($0) < 0x1p53 ? $0 : nil }
    }
    guard !rest.isEmpty else { return date }
    guard take(&rest, "T") || take(&rest, " "), let clock = Self.clock(&rest) else { return nil }
    guard let zone = Self.zone(&rest), rest.isEmpty else { return nil }
    return date + clock - zone
  }

  private static func date(_ rest: inout ArraySlice<UInt8>) -> Double? {
    guard let year = digits(4, &rest), take(&rest, "-"), let month = digits(2, &rest),
      take(&rest, "-"), let day = digits(2, &rest), 1...12 ~= month,
      day >= 1, day <= days(month == 12 ? year + 1 : year, month % 12 + 1, 1) - days(year, month, 1)
    else { return nil }
    return Double(days(year, month, day)) * Self.day
  }

  private static func clock(_ rest: inout ArraySlice<UInt8>) -> Double? {
    guard let hour = digits(2, &rest), hour < 24, take(&rest, ":"), let minute = digits(2, &rest),
      minute < 60
    else { return nil }
    var seconds = Double(3600 * hour + 60 * minute)
    guard take(&rest, ":") else { return seconds }
    guard let second = digits(2, &rest), second < 60 else { return nil }
    seconds += Double(second)
    guard take(&rest, ".") else { return seconds }
    let fraction = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    guard !fraction.isEmpty else { return nil }
    rest = rest.dropFirst(fraction.count)
    return seconds + (Double("0." + String(decoding: fraction, as: UTF8.self)) ?? 0)
  }

  /// The offset of a time zone in seconds.
  private static func zone(_ rest: inout ArraySlice<UInt8>) -> Double? {
    if rest.isEmpty || take(&rest, "Z") { return 0 }
    let isWest = take(&rest, "-")
    guard isWest || take(&rest, "+"), let hours = digits(2, &rest), hours < 24 else { return nil }
    _ = take(&rest, ":")
    guard let minutes = rest.isEmpty ? 0 : digits(2, &rest), minutes < 60 else { return nil }
    return Double((isWest ? -60 : 60) * (60 * hours + minutes))
  }

  private static func take(_ rest: inout ArraySlice<UInt8>, _ sign: Unicode.Scalar) -> Bool {
    guard rest.first == UInt8(ascii: sign) else { return false }
    rest.removeFirst()
    return true
  }

  private static func digits(_ count: Int, _ rest: inout ArraySlice<UInt8>) -> Int? {
    let part = rest.prefix(count)
    guard part.count == count, part.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 })
    else { return nil }
    rest = rest.dropFirst(count)
    return part.reduce(0) { 10 * $0 + Int($1 - UInt8(ascii: "0")) }
  }

  /// The days from 1970 to a date of the Gregorian calendar, by counting from the first of March.
  static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - 400 * era
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    return 146_097 * era + 365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  static func year(ofDay day: Int) -> Int {
    // The mean year is a guess that is at most one off.
    var year = 1970 + Int((Double(day) / 365.2425).rounded(.down))
    while days(year, 1, 1) > day { year -= 1 }
    while days(year + 1, 1, 1) <= day { year += 1 }
    return year
  }

  /// As `2024-03-31T13:00:00Z`, with a fraction if it has one.
  package static func text(_ time: Double) -> String {
    let today = (time / day).rounded(.down)
    var rest = time - today * day
    let year = year(ofDay: Int(today))
    var month = 12
    while days(year, month, 1) > Int(today) { month -= 1 }
    let fraction = rest - rest.rounded(.down)
    rest = rest.rounded(.down)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let clock = [Int(rest) / 3600, Int(rest) / 60 % 60, Int(rest) % 60].map(two)
    return "\(year)-\(two(month))-\(two(Int(today) - days(year, month, 1) + 1))T"
      + clock.joined(separator: ":") + (fraction > 0 ? String("\(fraction)".dropFirst()) : "") + "Z"
  }
}
