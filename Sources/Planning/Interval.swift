internal import Diagnostics
package import Reports

/// An interval that holds 95 % of some values.
package struct Interval: Equatable, Sendable {
  package let lower: Double
  package let upper: Double

  package init(_ lower: Double, _ upper: Double) {
    self.lower = lower
    self.upper = upper
  }

  /// Between the quantiles 0.025 and 0.975, interpolated; nil of no values.
  package init?(of values: [Double]) {
    guard !values.isEmpty else { return nil }
    let order = values.sorted()
    func quantile(_ share: Double) -> Double {
      let place = share * Double(order.count - 1)
      let index = min(Int(place), order.count - 1)
      let next = min(index + 1, order.count - 1)
      return order[index] + (place - Double(index)) * (order[next] - order[index])
    }
    self.init(quantile(0.025), quantile(0.975))
  }

  package func contains(_ value: Double) -> Bool { lower <= value && value <= upper }

  package var json: JSONValue { .array([.number(lower), .number(upper)]) }

  func text(_ format: (Double) -> String) -> String { "\(format(lower)) to \(format(upper))" }
}
