internal import Charts
internal import Diagnostics
internal import Reports
internal import RunFiles

/// A chart of curves with its heading, its legend and a table of its numbers.
struct ChartFigure {
  let identifier: String
  /// The name of the metric.
  let name: String
  let curves: [PageData.Curve]
  /// Whether the best point has a ring.
  var marksBest = true

  /// With more points a table has rows evenly chosen, and those of the best values.
  private static let rows = 40

  func add(to page: inout Markup, _ data: inout PageData) {
    let best = best
    data.add(chart: identifier, curves, best: best.map { ($0.curve, $0.point.step) })
    page.element("figure", ["class": "chart", "id": identifier]) { page in
      page.element("figcaption") { $0.element("h3", title) }
      page.element("ul", ["class": "legend"]) { page in
        for curve in curves {
          page.element("li") { page in
            page.element("span", ["class": "key \(curve.style)"], "")
            page.element("span", ["class": "label"], curve.name)
          }
        }
      }
      let chart = LineChart(
        curves.map { curve in
          LineChart.Curve(
            name: curve.name, style: curve.style,
            points: curve.curve.points.map { (Double($0.step), $0.value) })
        }, unit: "step", marked: best.map { ($0.curve, Double($0.point.step), $0.point.value) })
      page.add(
        chart.svg(identifier: identifier, title: "\(title) by step", description: description))
      page.element("details") { page in
        page.element("summary", "Numbers of \(title)")
        addTable(to: &page)
      }
    }
    page.newline()
  }

  /// The best value of a metric, of the validation set if there is one.
  private var best: (curve: Int, point: MetricsSeries.Point)? {
    guard marksBest, !MetricsSeries.isRate(name) else { return nil }
    for split in [MetricsLine.Split.validation, .train] {
      guard let place = curves.firstIndex(where: { $0.curve.split == split }) else { continue }
      return MetricsSeries.best(of: curves[place].curve.points, for: name).map { (place, $0) }
    }
    return nil
  }

  var title: String { name.replacing("_", with: " ") }

  /// The first, last and best value of each curve, for those who do not see the chart.
  private var description: String {
    curves.map { curve in
      let numbers = curve.curve.points.filter { $0.value.isFinite }
      guard let first = numbers.first, let last = numbers.last else {
        return "\(curve.name): no number."
      }
      let text = { (point: MetricsSeries.Point) in
        "\(Figure.text(point.value, of: name)) at step \(point.step.grouped)"
      }
      var words = "\(curve.name): first \(text(first)), last \(text(last))"
      if !MetricsSeries.isRate(name), let best = MetricsSeries.best(of: numbers, for: name) {
        words += ", best \(text(best))"
      }
      return words + "."
    }.joined(separator: " ")
  }

  private func addTable(to page: inout Markup) {
    // Steps that any curve has, with its values there; those of steps of training are too many.
    let shown = curves.filter { $0.curve.split != .step }
    let columns = shown.isEmpty ? curves : shown
    var places: [Int: Int] = [:]
    var rows: [(step: Int, epoch: Int, values: [Double?])] = []
    for (number, column) in columns.enumerated() {
      for point in column.curve.points {
        let place = places[point.step] ?? rows.count
        if place == rows.count {
          rows.append((point.step, point.epoch, Array(repeating: nil, count: columns.count)))
          places[point.step] = place
        }
        rows[place].values[number] = point.value
      }
    }
    rows.sort { $0.step < $1.step }
    let stride = max(1, (rows.count + Self.rows - 1) / Self.rows)
    if stride > 1 {
      page.element("p", "One row in \(stride) of \(rows.count.grouped), and the last.")
    }
    let kept = rows.indices.filter { $0 % stride == 0 || $0 == rows.count - 1 }
    page.table(
      "numbers", headings: ["step", "epoch"] + columns.map(\.name),
      rows: kept.map { place in
        [rows[place].step.grouped, rows[place].epoch.grouped]
          + rows[place].values.map { value in
            value.map { $0.isFinite ? $0.description : "not a number" } ?? ""
          }
      })
  }
}
