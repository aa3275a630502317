/// Curves over a common axis as SVG, in the classes of a page's style.
package struct LineChart: Sendable {
  package struct Curve: Sendable {
    package let name: String
    /// The class of its path: `train`, `validation`, `test`, `step`, or `s1` to `s8`.
    package let style: String
    /// In the order of x; y may be NaN.
    package let points: [(x: Double, y: Double)]

    package init(name: String, style: String, points: [(x: Double, y: Double)]) {
      self.name = name
      self.style = style
      self.points = points
    }
  }

  /// With at most so many points each has a dot.
  package static let dotLimit = 40

  package static let width = 640.0
  package static let height = 280.0
  /// Room for labels around the curves.
  package static let margins = (left: 58.0, right: 24.0, top: 10.0, bottom: 38.0)

  package let curves: [Curve]
  /// What stands along the horizontal axis.
  package let unit: String
  /// A point of a curve that has a ring around it, such as the best one.
  package let marked: (curve: Int, x: Double, y: Double)?
  /// The range of the horizontal axis; nil for that of the curves.
  package let range: ClosedRange<Double>?

  package init(
    _ curves: [Curve], unit: String, marked: (curve: Int, x: Double, y: Double)? = nil,
    range: ClosedRange<Double>? = nil
  ) {
    self.curves = curves
    self.unit = unit
    self.marked = marked
    self.range = range
  }

  /// The axes that the curves fit in.
  private var axes: (x: Axis, y: Axis) {
    let margins = Self.margins
    let x = Axis(
      range ?? Axis.range(of: curves.lazy.flatMap { $0.points.lazy.map(\.x) }), from: margins.left,
      to: Self.width - margins.right)
    let y = Axis(
      Axis.range(of: curves.lazy.flatMap { $0.points.lazy.map(\.y) }, margin: 0.05),
      from: Self.height - margins.bottom, to: margins.top)
    return (x, y)
  }

  /// The picture; `identifier` is unique in the page.
  package func svg(identifier: String, title: String, description: String) -> Markup {
    let (x, y) = axes
    var svg = Markup()
    svg.element(
      "svg",
      [
        "viewBox": "0 0 \(Int(Self.width)) \(Int(Self.height))", "role": "img",
        "aria-labelledby": "\(identifier)-title", "aria-describedby": "\(identifier)-about",
        "class": "plot",
      ]
    ) { svg in
      svg.element("title", ["id": "\(identifier)-title"], title)
      svg.element("desc", ["id": "\(identifier)-about"], description)
      Self.frame(&svg, x, y, unit: unit)
      svg.element("g", ["class": "curves"]) { svg in
        for curve in curves {
          let path = CurvePath(curve.points, x: x, y: y)
          guard !path.data.isEmpty else { continue }
          svg.empty("path", ["class": "curve \(curve.style)", "d": path.data])
          if curve.points.count <= Self.dotLimit {
            let dots = CurvePath(dots: curve.points, x: x, y: y)
            svg.empty("path", ["class": "dots \(curve.style)", "d": dots.data])
          }
        }
        if let marked {
          svg.empty(
            "circle",
            [
              "class": "ring \(curves[marked.curve].style)", "r": "6",
              "cx": CurvePath.tenths(x.place(of: marked.x)),
              "cy": CurvePath.tenths(y.place(of: marked.y)),
            ])
        }
      }
    }
    return svg
  }

  /// The grid, the ticks and the name of the horizontal axis.
  static func frame(
    _ svg: inout Markup, _ x: Axis, _ y: Axis, unit: String, xIsWhole: Bool = true
  ) {
    let (left, right, top, bottom) = (x.places.low, x.places.high, y.places.high, y.places.low)
    let tenths = CurvePath.tenths
    let columns = x.ticks(6, whole: xIsWhole).ticks
    let rows = y.ticks(5).ticks
    var grid = ""
    for tick in columns {
      grid += "M\(tenths(x.place(of: tick.value))) \(tenths(top))V\(tenths(bottom))"
    }
    for tick in rows {
      grid += "M\(tenths(left)) \(tenths(y.place(of: tick.value)))H\(tenths(right))"
    }
    svg.empty("path", ["class": "grid", "d": grid])
    svg.element("g", ["class": "ticks x"]) { svg in
      for tick in columns {
        svg.element(
          "text", ["x": tenths(x.place(of: tick.value)), "y": tenths(bottom + 16)], tick.label)
      }
    }
    svg.element("g", ["class": "ticks y"]) { svg in
      for tick in rows {
        svg.element(
          "text", ["x": tenths(left - 8), "y": tenths(y.place(of: tick.value) + 4)], tick.label)
      }
    }
    svg.element(
      "text",
      ["class": "unit", "x": tenths((left + right) / 2), "y": tenths(bottom + 33)], unit)
  }
}
