/// Pairs of numbers as SVG, with the same range on both axes and a line where they are equal.
package struct ScatterChart: Sendable {
  package let points: [(x: Double, y: Double)]
  /// Of both axes.
  package let range: ClosedRange<Double>
  private let size = 420.0

  package init(_ points: [(x: Double, y: Double)]) {
    self.points = points
    range = Axis.range(of: points.lazy.flatMap { [$0.x, $0.y] }, margin: 0.05)
  }

  package func svg(
    identifier: String, title: String, description: String, names: (x: String, y: String)
  ) -> Markup {
    let x = Axis(range, from: 58, to: size - 14)
    let y = Axis(range, from: size - 44, to: 22)
    let tenths = CurvePath.tenths
    var svg = Markup()
    svg.element(
      "svg",
      [
        "viewBox": "0 0 \(Int(size)) \(Int(size))", "role": "img", "class": "scatter",
        "aria-labelledby": "\(identifier)-title", "aria-describedby": "\(identifier)-about",
      ]
    ) { svg in
      svg.element("title", ["id": "\(identifier)-title"], title)
      svg.element("desc", ["id": "\(identifier)-about"], description)
      LineChart.frame(&svg, x, y, unit: names.x, xIsWhole: false)
      svg.element("text", ["class": "unit start", "x": "8", "y": "12"], names.y)
      svg.empty(
        "path",
        [
          "class": "diagonal",
          "d": "M\(tenths(x.places.low)) \(tenths(y.places.low))"
            + "L\(tenths(x.places.high)) \(tenths(y.places.high))",
        ])
      svg.empty("path", ["class": "dots s1", "d": CurvePath(dots: points, x: x, y: y).data])
    }
    return svg
  }
}
