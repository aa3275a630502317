/// A length of training or of time: `1 epoch`, `500 steps`, `2 h`.
package struct Timespan: Hashable, Sendable, CustomStringConvertible {
  package let count: Int
  package let unit: Unit

  package enum Unit: String, CaseIterable, Sendable {
    case epochs = "epoch"
    case steps = "step"
    case seconds = "s"
    case minutes = "min"
    case hours = "h"

    /// The unit after a count other than one: `epochs`, but `h`.
    var plural: String { self == .epochs || self == .steps ? rawValue + "s" : rawValue }
  }

  package init(_ count: Int, _ unit: Unit) {
    self.count = count
    self.unit = unit
  }

  /// Reads `1 epoch`; nil if it is none, or the count is not from 1 to a thousand million.
  package init?(_ text: String, units: [Unit]) {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let word = text.dropFirst(digits.count).drop { $0 == " " }
    guard let count = decimal(String(digits)), 1...1_000_000_000 ~= count,
      let unit = units.first(where: { word == $0.rawValue || word == $0.plural })
    else { return nil }
    self.init(count, unit)
  }

  /// The time in seconds; nil for epochs and steps.
  package var seconds: Int? {
    switch unit {
    case .epochs, .steps: nil
    case .seconds: count
    case .minutes: count * 60
    case .hours: count * 3600
    }
  }

  package var description: String { "\(count) \(count == 1 ? unit.rawValue : unit.plural)" }
}
