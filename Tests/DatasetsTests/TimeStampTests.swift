import Datasets
import Foundation
import Testing

@Suite struct TimeStampTests {
  @Test(arguments: [
    ("1970-01-01", 0), ("1969-12-31T23:59:59Z", -1), ("2000-02-29 12:30", 951_827_400),
    ("2024-03-31T13:00:00.25+02:00", 1_711_882_800.25), ("2024-03-31T13:00:00-0530", 1_711_909_800),
    ("-12.5", -12.5), (" 1e3 ", 1000), ("0001-01-01", -62_135_596_800),
  ])
  func secondsOfTexts(_ text: String, _ seconds: Double) {
    #expect(TimeStamp.seconds(text) == seconds)
  }

  @Test(arguments: [
    "", "noon", "2023-02-29", "2024-13-01", "2024-00-10", "2024-1-1", "2024-01-32",
    "2024-01-01T24:00",
    "2024-01-01T10:60", "2024-01-01T10", "2024-01-01T10:00:61", "2024-01-01T10:00Zx", "2024-01-01T",
    "2024-01-01x", "1e17", "inf", "nan", "2024-01-01T10:00:00.", "2024-01-01T10:00+99:00",
  ])
  func textsThatAreNone(_ text: String) { #expect(TimeStamp.seconds(text) == nil) }

  /// Against Foundation's calendar over 800 years.
  @Test func textsReadBack() throws {
    let format = ISO8601DateFormatter()
    var calendar = Calendar(identifier: .iso8601)
    calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
    for number in 0..<2000 {
      let time = Double(-6_000_000_000 + number * 9_876_543)
      let date = Date(timeIntervalSince1970: time)
      let text = TimeStamp.text(time)
      #expect(text == format.string(from: date) && TimeStamp.seconds(text) == time)
      let parts = calendar.dateComponents([.hour, .minute, .second, .weekday], from: date)
      let day =
        Double(
          3600 * (parts.hour ?? 0) + 60 * (parts.minute ?? 0) + (parts.second ?? 0)) / 86_400
      #expect(abs(CalendarCycle.day.phase(time) - day) < 1e-9)
      let weekday = Double(((parts.weekday ?? 0) + 5) % 7)
      #expect(abs(CalendarCycle.week.phase(time) - (weekday + day) / 7) < 1e-9)
      let year = Double((calendar.ordinality(of: .day, in: .year, for: date) ?? 0) - 1)
      let days = Double(calendar.range(of: .day, in: .year, for: date)?.count ?? 0)
      #expect(abs(CalendarCycle.year.phase(time) - (year + day) / days) < 1e-9)
    }
  }
}
