internal import Diagnostics

extension Double {
  /// The number with four decimals; with four significant digits if it is small or large.
  package var asShortNumber: String {
    let size = abs(self)
    if size == 0 || (0.01..<10_000).contains(size) { return formatted(4) }
    return (10_000..<10_000_000).contains(size) ? formatted(0) : formatted(digits: 4)
  }

  /// A number of targets, or a sum of their weights.
  package var asCount: String { wholeNumber.map { "\($0)" } ?? asShortNumber }

  /// The number as an integer; nil if it is none.
  package var wholeNumber: Int? { abs(self) < 1e15 ? Int(exactly: self) : nil }

  /// The number as a percentage: `91.3 %`.
  package var asPercent: String { "\((100 * self).formatted(1)) %" }

  /// The number as a rate per second: an integer, or three significant digits below 100.
  package var asRate: String { self < 100 ? formatted(digits: 3) : formatted(0) }

  /// The number of seconds as a duration: `2.1 s`, `3 min 20 s`, `2 h 5 min`.
  package var asDuration: String {
    guard self >= 9.95 else { return "\(formatted(1)) s" }
    guard self < 1e9 else { return "\(formatted(digits: 3)) s" }
    let seconds = Int(rounded())
    if seconds < 60 { return "\(seconds) s" }
    let (minutes, hours) = (seconds / 60, seconds / 3600)
    return hours == 0 ? "\(minutes) min \(seconds % 60) s" : "\(hours) h \(minutes % 60) min"
  }
}
