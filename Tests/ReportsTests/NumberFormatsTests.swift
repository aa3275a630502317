import Diagnostics
import Reports
import Testing

@Suite struct NumberFormatsTests {
  @Test(arguments: [Double.nan, -.nan, .infinity - .infinity])
  func whatIsNoNumberHasNoSign(_ value: Double) {
    #expect(value.asShortNumber == "nan" && value.formatted(2) == "nan")
    #expect(value.formatted(digits: 3) == "nan" && value.asPercent == "nan %")
  }

  @Test(arguments: [
    (0.28414, "0.2841"), (0.28, "0.2800"), (2.302585, "2.3026"), (0, "0.0000"),
    (0.0012345, "0.001234"), (1.25e-9, "1.25e-09"), (123_456, "123456"),
    (1.25e7, "1.25e+07"), (-0.5, "-0.5000"), (.nan, "nan"), (.infinity, "inf"),
  ])
  func figure(number: Double, text: String) {
    #expect(number.asShortNumber == text)
  }

  @Test(arguments: [
    (0.512, "0.512"), (12.34, "12.3"), (1234.4, "1234"), (.infinity, "inf"),
  ])
  func rate(number: Double, text: String) {
    #expect(number.asRate == text)
  }

  @Test(arguments: [
    (0, "0.0 s"), (2.14, "2.1 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"),
    (59.6, "1 min 0 s"), (200, "3 min 20 s"), (3600, "1 h 0 min"), (7530, "2 h 5 min"),
    (1e300, "1e+300 s"), (.infinity, "inf s"), (.nan, "nan s"), (-1, "-1.0 s"),
  ])
  func duration(seconds: Double, text: String) {
    #expect(seconds.asDuration == text)
  }
}
