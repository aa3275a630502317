internal import Diagnostics

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Musl
#endif

/// Round numbers along an axis, with their labels.
///
/// The page's script has the same rules, so that a chart looks alike before and after it is zoomed.
package struct Ticks: Equatable, Sendable {
  package struct Tick: Equatable, Sendable {
    package let value: Double
    package let label: String
  }

  package let ticks: [Tick]

  /// About `count` multiples of 1, 2 or 5 times a power of ten within a range.
  package static func linear(_ range: ClosedRange<Double>, count: Int, whole: Bool = false) -> Ticks
  {
    let span = range.upperBound - range.lowerBound
    guard span > 1e-300, span.isFinite, count > 0 else {
      return Ticks(ticks: [Tick(value: range.lowerBound, label: label(range.lowerBound, 0))])
    }
    var exponent = floorLog10(span / Double(count))
    var factor = roundFactor(span / Double(count) / power(exponent))
    if factor == 10 { (factor, exponent) = (1, exponent + 1) }
    if whole, exponent < 0 { (factor, exponent) = (1, 0) }
    // Powers below 1 are divided by, so that 3 steps of 0.1 are 0.3.
    let size = factor * power(abs(exponent))
    func value(_ step: Double) -> Double {
      exponent >= 0 ? step * size : step * factor / power(-exponent)
    }
    let unit = value(1)
    let slack = 1e-9 * span / unit
    let first = (range.lowerBound / unit - slack).rounded(.up)
    let last = (range.upperBound / unit + slack).rounded(.down)
    guard first <= last, last - first < 1000 else { return Ticks(ticks: []) }
    let largest = max(abs(value(first)), abs(value(last)))
    return Ticks(
      ticks: stride(from: first, through: last, by: 1).map { step in
        Tick(value: value(step), label: label(value(step), exponent, largest: largest))
      })
  }

  /// Powers of ten within a range of positive numbers; with few of them also 2 and 5 times these,
  /// and with hardly one the ticks of a linear axis.
  package static func logarithmic(_ range: ClosedRange<Double>, count: Int) -> Ticks {
    guard range.lowerBound > 0, range.upperBound.isFinite else { return Ticks(ticks: []) }
    let (low, high) = (log10(range.lowerBound), log10(range.upperBound))
    guard high - low >= 0.7 else { return linear(range, count: count) }
    let decades = Int((high - low).rounded(.up))
    let stride = max(1, (decades + count - 1) / max(1, count))
    let factors: [Double] = 3 * decades <= 2 * count ? [1, 2, 5] : [1]
    var ticks: [Tick] = []
    for exponent in Int((low - 1e-9).rounded(.down))...Int((high + 1e-9).rounded(.down)) {
      guard exponent % stride == 0 else { continue }
      for factor in factors {
        let value = exponent >= 0 ? factor * power(exponent) : factor / power(-exponent)
        guard value >= range.lowerBound * (1 - 1e-9), value <= range.upperBound * (1 + 1e-9) else {
          continue
        }
        ticks.append(Tick(value: value, label: label(value, exponent, largest: value)))
      }
    }
    return Ticks(ticks: ticks)
  }

  /// A multiple of a power of ten, with only the decimals that the power needs.
  static func label(_ value: Double, _ exponent: Int, largest: Double = 0) -> String {
    if value == 0 { return "0" }
    if max(abs(value), largest) >= 1e7 || exponent < -5 {
      let own = floorLog10(abs(value))
      let digits = max(0, own - exponent)
      let mantissa = value / (own >= 0 ? power(own) : 1 / power(-own))
      return "\(mantissa.formatted(min(digits, 15)))e\(own)"
    }
    if exponent < 0 { return value.formatted(-exponent) }
    return Int(exactly: value)?.grouped ?? value.formatted(digits: 6)
  }

  private static func roundFactor(_ size: Double) -> Double {
    size <= 1.000001 ? 1 : size <= 2.000001 ? 2 : size <= 5.000001 ? 5 : 10
  }

  /// The exponent of the power of ten that is not above a positive number.
  static func floorLog10(_ value: Double) -> Int { Int((log10(value) + 1e-9).rounded(.down)) }

  /// A power of ten; those up to 10²² are exact.
  private static func power(_ exponent: Int) -> Double { pow(10, Double(exponent)) }
}
