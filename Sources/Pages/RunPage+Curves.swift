internal import Charts
internal import Reports
internal import RunFiles

extension RunPage {
  /// A chart for the loss and each metric, then for what training is like.
  func addCurves(to page: inout Markup, _ data: inout PageData) {
    let metrics = record.metrics
    let stepNames = metrics.curves.filter { $0.split == .step }.map(\.name)
    var names = metrics.names
    for name in stepNames where !names.contains(name) && !MetricsSeries.isRate(name) {
      names.append(name)
    }
    for rate in ["learning_rate", "gradient_norm", "samples_per_second"] {
      if metrics.curves.contains(where: { $0.name == rate }) { names.append(rate) }
    }
    var figures: [ChartFigure] = []
    for name in names {
      // What is drawn last lies above: epochs above steps.
      let curves = [MetricsLine.Split.step, .train, .validation, .test].compactMap { split in
        metrics[split, name].flatMap { curve in
          curve.points.contains { $0.value.isFinite }
            ? PageData.Curve(name: split.title, style: split.rawValue, run: 0, curve: curve) : nil
        }
      }
      guard !curves.isEmpty else { continue }
      figures.append(
        ChartFigure(
          identifier: "chart-\(figures.count)", name: name, curves: curves,
          marksBest: !metrics.isAdversarial))
    }
    guard !figures.isEmpty else { return }
    page.element("div", ["class": "charts"]) { page in
      for figure in figures { figure.add(to: &page, &data) }
    }
  }
}
