/// A curve as small as a word, without axes: its lowest and highest values fill the height.
package enum Sparkline {
  package static let width = 160.0
  package static let height = 28.0

  /// The picture of a curve, of which the page's data have the numbers at a place.
  ///
  /// It is hidden from screen readers, for which numbers stand beside it. `range` is that of the
  /// vertical axis, so that several pictures can have the same.
  package static func svg(
    _ points: [(x: Double, y: Double)], style: String, place: Int,
    range: ClosedRange<Double>? = nil
  ) -> Markup {
    let x = Axis(Axis.range(of: points.lazy.map(\.x)), from: 3, to: width - 3)
    let y = Axis(range ?? Axis.range(of: points.lazy.map(\.y)), from: height - 3, to: 3)
    var svg = Markup()
    svg.element(
      "svg",
      [
        "viewBox": "0 0 \(Int(width)) \(Int(height))", "class": "spark", "aria-hidden": "true",
        "data-spark": "\(place)",
      ]
    ) { svg in
      svg.empty("path", ["class": "curve \(style)", "d": CurvePath(points, x: x, y: y).data])
    }
    return svg
  }
}
