/// A curve as small as a word, without axes: its lowest and highest values fill the height.
package enum Sparkline {
  package static let width = 160.0
  package static let height = 28.0
  private static let limit = 160

  /// The picture of a curve; hidden from screen readers, for which its values stand beside it.
  ///
  /// `range` is that of the vertical axis, so that several pictures can have the same.
  package static func svg(
    _ points: [(x: Double, y: Double)], style: String, isLogarithmic: Bool = false,
    range: ClosedRange<Double>? = nil
  ) -> Markup {
    let x = Axis(Axis.range(of: points.lazy.map(\.x)), from: 2, to: width - 2)
    let y = Axis(
      range ?? Axis.range(of: points.lazy.map(\.y), isLogarithmic: isLogarithmic),
      from: height - 3, to: 3, isLogarithmic: isLogarithmic)
    var svg = Markup()
    svg.element(
      "svg",
      [
        "viewBox": "0 0 \(Int(width)) \(Int(height))", "class": "spark", "aria-hidden": "true",
        "preserveAspectRatio": "none",
      ]
    ) { svg in
      svg.empty(
        "path",
        ["class": "curve \(style)", "d": CurvePath(points, x: x, y: y, limit: limit).data])
    }
    return svg
  }
}
