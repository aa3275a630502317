/// Points in the plane as SVG, with the same unit on both axes.
package struct ScatterChart: Sendable {
  package let points: [(x: Double, y: Double)]
  package let range: (x: ClosedRange<Double>, y: ClosedRange<Double>)
  package let size: Double
  /// Whether a line shows where both coordinates are equal.
  package let hasDiagonal: Bool

  /// Points within the range that all of them need.
  package init(
    _ points: [(x: Double, y: Double)], size: Double = 360, hasDiagonal: Bool = false,
    range: (x: ClosedRange<Double>, y: ClosedRange<Double>)? = nil
  ) {
    self.points = points
    self.size = size
    self.hasDiagonal = hasDiagonal
    let common = Axis.range(of: points.lazy.flatMap { [$0.x, $0.y] }, margin: 0.05)
    self.range =
      range ?? (hasDiagonal ? (common, common) : (Self.range(points, \.x), Self.range(points, \.y)))
  }

  package static func range(
    _ points: [(x: Double, y: Double)], _ coordinate: KeyPath<(x: Double, y: Double), Double>
  ) -> ClosedRange<Double> {
    Axis.range(of: points.lazy.map { $0[keyPath: coordinate] }, margin: 0.05)
  }

  package func svg(
    identifier: String, title: String, description: String, names: (x: String, y: String)
  ) -> Markup {
    let x = Axis(range.x, from: 58, to: size - 14)
    let y = Axis(range.y, from: size - 44, to: 22)
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
      if hasDiagonal {
        let (low, high) = (range.x.lowerBound, range.x.upperBound)
        svg.empty(
          "path",
          [
            "class": "diagonal",
            "d": "M\(tenths(x.place(of: low))) \(tenths(y.place(of: low)))"
              + "L\(tenths(x.place(of: high))) \(tenths(y.place(of: high)))",
          ])
      }
      svg.empty("path", ["class": "dots s1", "d": CurvePath(dots: points, x: x, y: y).data])
    }
    return svg
  }
}
