internal import Charts
internal import Diagnostics
internal import Reports
internal import RunFiles

/// The best and the last value of a metric.
struct Figure {
  let name: String
  let split: MetricsLine.Split
  /// Nil in an adversarial run, of which no value tells that it is good.
  let best: MetricsSeries.Point?
  let last: MetricsSeries.Point

  /// Of the validation set if there is one, otherwise of training; nil without any number.
  init?(_ name: String, of metrics: MetricsSeries) {
    for split in [MetricsLine.Split.validation, .train] {
      guard let points = metrics[split, name]?.points, let last = points.last else { continue }
      guard let best = MetricsSeries.best(of: points, for: name) else { continue }
      self.name = name
      self.split = split
      self.best = metrics.isAdversarial ? nil : best
      self.last = last
      return
    }
    return nil
  }

  /// A value in the form of a metric: `98.7 %`, `0.0312`.
  static func text(_ value: Double, of name: String) -> String {
    guard value.isFinite else { return "not a number" }
    return Metric.form(of: name) == .fraction
      ? "\((100 * value).formatted(2)) %" : value.asShortNumber
  }
}

extension MetricsSeries {
  /// Whether two networks learn against each other.
  var isAdversarial: Bool { self[.train, Metric.generatorLoss.name] != nil }

  /// The first of the best points of a metric; nil without a finite number.
  static func best(of points: [Point], for name: String) -> Point? {
    let isGreater = Metric.isBetterWhenGreater(name)
    return points.lazy.filter { $0.value.isFinite }
      .min { isGreater ? $0.value > $1.value : $0.value < $1.value }
  }
}

extension MetricsLine.Split {
  /// The name of its curves.
  var title: String {
    switch self {
    case .train: "training"
    case .validation, .test: rawValue
    case .step: "steps"
    }
  }
}

extension RunPage {
  func addFigures(to page: inout Markup) {
    let figures = record.metrics.names.compactMap { Figure($0, of: record.metrics) }
    guard !figures.isEmpty else { return }
    page.element("ul", ["class": "cards"]) { page in
      for figure in figures {
        page.element("li") { page in
          page.element("span", ["class": "name"], "\(figure.name), \(figure.split.title)")
          let shown = figure.best ?? figure.last
          page.element("strong", Figure.text(shown.value, of: figure.name))
          page.element("span", ["class": "where"], place(of: figure))
        }
      }
      for curve in record.metrics.curves where curve.split == .test {
        guard let point = curve.points.last, !MetricsSeries.isRate(curve.name) else { continue }
        page.element("li") { page in
          page.element("span", ["class": "name"], "\(curve.name), test")
          page.element("strong", Figure.text(point.value, of: curve.name))
          page.element("span", ["class": "where"], "after step \(point.step.grouped)")
        }
      }
    }
  }

  private func place(of figure: Figure) -> String {
    guard let best = figure.best else { return "epoch \(figure.last.epoch.grouped), the last" }
    let epoch = "epoch \(best.epoch.grouped)"
    return best.step == figure.last.step
      ? "\(epoch), the last" : "\(epoch); last \(Figure.text(figure.last.value, of: figure.name))"
  }
}
