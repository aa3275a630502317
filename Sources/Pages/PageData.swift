internal import Charts
internal import Diagnostics
internal import Reports
internal import RunFiles

/// The numbers of a page's charts as JSON, from which the script draws them again.
///
/// Curves with points at the same steps share an axis. A curve has as many numbers as its axis has
/// steps, each with the digits of `metrics.jsonl`.
struct PageData {
  /// Of longer curves as many points are kept as there are places for in the widest window.
  static let limit = 4000

  /// The steps of curves.
  private struct Axis {
    let run: Int
    let steps: [Int]
    let epochs: [Int]
    /// Seconds of training; empty where they are not known.
    let times: [Double]
    /// Whether its points lie within epochs.
    let isOfSteps: Bool
  }

  struct Curve {
    let name: String
    let style: String
    let run: Int
    let curve: MetricsSeries.Curve
  }

  private var axes: [Axis] = []
  private var axisTexts: [String] = []
  private var charts: [String] = []
  private var maps: [String] = []
  private var sparks: [String] = []
  private var sparkAxis = "null"
  private var pairs = "null"
  /// Of each run, its pauses and start.
  private let clocks: [RunClock]

  init(_ records: [RunRecord]) { clocks = records.map { RunClock($0) } }

  /// Adds the curves of a chart.
  mutating func add(
    chart identifier: String, _ curves: [Curve], best: (curve: Int, step: Int)? = nil
  ) {
    var texts: [String] = []
    for curve in curves {
      let points = Self.thinned(curve.curve.points)
      let axis = place(of: points, of: curve)
      var text = "{\"name\":\(Self.string(curve.name)),\"style\":\"\(curve.style)\","
      text += "\"split\":\"\(curve.curve.split.title)\",\"axis\":\(axis),\"values\":"
      Self.append(points.lazy.map(\.value), to: &text)
      texts.append(text + "}")
    }
    let mark = best.map { "{\"curve\":\($0.curve),\"step\":\($0.step)}" } ?? "null"
    charts.append(
      "{\"id\":\"\(identifier)\",\"best\":\(mark),\"curves\":[\(texts.joined(separator: ","))]}")
  }

  /// Adds the cells of a heat map: hundredths, row by row.
  mutating func add(
    map identifier: String, rows: [String], columns: [String], hundredths: [Int]
  ) {
    let names = [rows, columns].map { "[" + $0.map(Self.string).joined(separator: ",") + "]" }
    var text = "{\"id\":\"\(identifier)\",\"rows\":\(names[0]),\"columns\":\(names[1]),\"values\":["
    for (place, value) in hundredths.enumerated() {
      if place > 0 { text += "," }
      text += String(value)
    }
    maps.append(text + "]}")
  }

  /// Sets the steps and epochs of the small curves.
  mutating func set(sparkSteps steps: [Int], epochs: [Int]) {
    sparkAxis = "{\"step\":\(steps),\"epoch\":\(epochs)}"
  }

  /// Adds a small curve with a number for each of these steps, and returns its place.
  mutating func add(spark values: [Double]) -> Int {
    var text = ""
    // As many digits as stand beside it.
    Self.append(values.lazy.map { Double($0.formatted(digits: 4)) ?? .nan }, to: &text)
    sparks.append(text)
    return sparks.count - 1
  }

  /// Sets the points of the chart of predicted against true values, and its frame.
  mutating func set(pairs: [(x: Double, y: Double)], of chart: ScatterChart) {
    var values = ""
    Self.append(pairs.lazy.flatMap { [$0.x, $0.y] }, to: &values)
    var range = ""
    Self.append([chart.range.lowerBound, chart.range.upperBound], to: &range)
    self.pairs = "{\"range\":\(range),\"values\":\(values)}"
  }

  /// The text, in which nothing can end the element that it stands in.
  var json: String {
    "{\"axes\":[\(axisTexts.joined(separator: ","))],\n"
      + "\"charts\":[\(charts.joined(separator: ",\n"))],\n"
      + "\"maps\":[\(maps.joined(separator: ",\n"))],\n"
      + "\"sparks\":{\"axis\":\(sparkAxis),\"values\":[\(sparks.joined(separator: ",\n"))]},\n"
      + "\"pairs\":\(pairs)}"
  }

  private mutating func place(of points: [MetricsSeries.Point], of curve: Curve) -> Int {
    let isOfSteps = curve.curve.split == .step
    if let known = axes.firstIndex(where: { axis in
      axis.run == curve.run && axis.isOfSteps == isOfSteps && axis.steps.count == points.count
        && zip(axis.steps, points).allSatisfy { $0 == $1.step }
    }) {
      return known
    }
    let axis = Axis(
      run: curve.run, steps: points.map(\.step), epochs: points.map(\.epoch),
      times: clocks[curve.run].seconds(at: points), isOfSteps: isOfSteps)
    var text = "{\"run\":\(axis.run),\"within\":\(isOfSteps),\"step\":["
    text += axis.steps.map { String($0) }.joined(separator: ",")
    text += "],\"epoch\":["
    text += axis.epochs.map { String($0) }.joined(separator: ",")
    text += "],\"time\":"
    Self.append(axis.times.lazy.map { ($0 * 1000).rounded() / 1000 }, to: &text)
    axes.append(axis)
    axisTexts.append(text + "}")
    return axes.count - 1
  }

  /// The first, the last, and the lowest and highest of each of many equal parts.
  static func thinned(_ points: [MetricsSeries.Point]) -> [MetricsSeries.Point] {
    guard points.count > limit else { return points }
    let parts = limit / 4
    var kept: [Int] = []
    for part in 0..<parts {
      let range = part * points.count / parts..<(part + 1) * points.count / parts
      let values = range.filter { points[$0].value.isFinite }
      let extremes = [
        values.min { points[$0].value < points[$1].value },
        values.max { points[$0].value < points[$1].value },
        // A gap stays one.
        values.count < range.count ? range.first { !points[$0].value.isFinite } : nil,
      ]
      kept += Set([range.lowerBound] + extremes.compactMap(\.self)).sorted()
    }
    if kept.last != points.count - 1 { kept.append(points.count - 1) }
    return kept.map { points[$0] }
  }

  /// Numbers with the fewest digits that read back the same; null for those that are not finite.
  private static func append(_ numbers: some Sequence<Double>, to text: inout String) {
    text += "["
    var isFirst = true
    for number in numbers {
      if !isFirst { text += "," }
      isFirst = false
      if let whole = number.wholeNumber {
        text += String(whole)
      } else {
        text += number.isFinite ? number.description : "null"
      }
    }
    text += "]"
  }

  static func string(_ string: String) -> String {
    JSONValue.string(string).description.replacing("<", with: "\\u003c")
      .replacing(">", with: "\\u003e").replacing("&", with: "\\u0026")
  }
}
