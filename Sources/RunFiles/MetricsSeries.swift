package import Reports

/// The curves of `metrics.jsonl`: for each split and metric its values in the order of steps.
package struct MetricsSeries: Sendable {
  /// One curve.
  package struct Curve: Sendable {
    package let split: MetricsLine.Split
    /// `loss`, the name of a metric, `learning_rate`, `samples_per_second` or `gradient_norm`.
    package let name: String
    package fileprivate(set) var points: [Point] = []
  }

  package struct Point: Equatable, Sendable {
    package let step: Int
    /// From 1; of a line of a step, the epoch that it is in.
    package let epoch: Int
    /// Seconds since 1970; nil in files of older versions.
    package let wallTime: Double?
    /// NaN where the file has null.
    package let value: Double

    package init(step: Int, epoch: Int, wallTime: Double?, value: Double) {
      self.step = step
      self.epoch = epoch
      self.wallTime = wallTime
      self.value = value
    }
  }

  /// In the order of their first values.
  package private(set) var curves: [Curve] = []
  private var places: [String: Int] = [:]

  package init() {}

  /// The curve of a metric; nil if there is none.
  package subscript(split: MetricsLine.Split, name: String) -> Curve? {
    places["\(split.rawValue) \(name)"].map { curves[$0] }
  }

  /// The names of the metrics of lines of epochs, the loss first.
  package var names: [String] {
    var names: [String] = []
    for curve in curves where curve.split != .step && !Self.isRate(curve.name) {
      if !names.contains(curve.name) { names.append(curve.name) }
    }
    return names
  }

  /// Whether it is no metric, but a property of training.
  package static func isRate(_ name: String) -> Bool {
    ["learning_rate", "samples_per_second", "gradient_norm"].contains(name)
  }

  /// The last step of all curves; 0 if there is none.
  package var lastStep: Int { curves.compactMap(\.points.last?.step).max() ?? 0 }

  /// Adds a value; those of a curve come in the order of steps.
  package mutating func add(_ name: String, _ split: MetricsLine.Split, _ point: Point) {
    let key = "\(split.rawValue) \(name)"
    let place = places[key] ?? curves.count
    if place == curves.count {
      curves.append(Curve(split: split, name: name))
      places[key] = place
    }
    curves[place].points.append(point)
  }
}
