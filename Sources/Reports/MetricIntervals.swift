internal import Diagnostics

/// How far metrics of a set are from what they would be of another set of its kind: intervals that
/// hold 95 % of their values for samples drawn again.
package struct MetricIntervals: Equatable, Sendable {
  package struct Interval: Equatable, Sendable {
    package let metric: Metric
    package let low: Double
    package let high: Double
  }

  /// Of the metrics that have values.
  package let intervals: [Interval]
  private let draws: Int

  /// Takes the values of each metric in all draws; one that is no number does not count.
  package init(_ values: [(metric: Metric, values: [Double])], draws: Int) {
    self.draws = draws
    intervals = values.compactMap { metric, values in
      let sorted = values.filter { !$0.isNaN }.sorted()
      guard !sorted.isEmpty else { return nil }
      return Interval(
        metric: metric, low: Self.quantile(0.025, of: sorted),
        high: Self.quantile(0.975, of: sorted))
    }
  }

  /// A quantile of sorted numbers, between two of them in proportion.
  static func quantile(_ share: Double, of sorted: [Double]) -> Double {
    let position = share * Double(sorted.count - 1)
    let below = Int(position)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (sorted[above] - sorted[below]) * (position - Double(below))
  }

  /// One line; nil without values.
  package var line: String? {
    guard !intervals.isEmpty else { return nil }
    let texts = intervals.map { one in
      switch one.metric.form {
      case .fraction:
        "\(one.metric.name) \((100 * one.low).formatted(2)) to \((100 * one.high).formatted(2)) %"
      case .number:
        "\(one.metric.name) \(one.low.asShortNumber) to \(one.high.asShortNumber)"
      }
    }
    return "95 % of \(draws.grouped) resamples: \(texts.joined(separator: ", "))"
  }

  /// The member `intervals` of an object.
  package var member: (String, JSONValue) {
    (
      "intervals",
      .object(intervals.map { ($0.metric.name, .array([.number($0.low), .number($0.high)])) })
    )
  }
}
