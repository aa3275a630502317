/// Points in time as texts in UTC.
enum Timestamp {
  /// `2026-11-30 12:47:23 UTC` for seconds since 1970; nil for what is no date of a run.
  static func text(_ seconds: Double) -> String? {
    guard seconds.isFinite, (0..<253_402_300_800).contains(seconds) else { return nil }
    let whole = Int(seconds)
    let (year, month, day) = date(whole / 86_400)
    let clock = [whole / 3600 % 24, whole / 60 % 60, whole % 60].map(twoDigits)
    return "\(year)-\(twoDigits(month))-\(twoDigits(day)) \(clock.joined(separator: ":")) UTC"
  }

  private static func twoDigits(_ number: Int) -> String {
    number < 10 ? "0\(number)" : "\(number)"
  }

  /// The date of a day since 1970, by the calendar's cycle of 400 years that begins on 1 March.
  private static func date(_ day: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = day + 719_468
    let (cycle, inCycle) = shifted.quotientAndRemainder(dividingBy: 146_097)
    let year = (inCycle - inCycle / 1460 + inCycle / 36_524 - inCycle / 146_096) / 365
    let inYear = inCycle - (365 * year + year / 4 - year / 100)
    let month = (5 * inYear + 2) / 153
    let isNextYear = month >= 10
    return (
      year + 400 * cycle + (isNextYear ? 1 : 0), isNextYear ? month - 9 : month + 3,
      inYear - (153 * month + 2) / 5 + 1
    )
  }
}
