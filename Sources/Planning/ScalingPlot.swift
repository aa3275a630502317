internal import Charts
internal import Diagnostics
internal import Elementary
internal import Reports

/// Runs and their law as a picture: loss over compute, and curves of equal compute over parameters.
package struct ScalingPlot {
  private let fit: ScalingFit
  /// The computes of the curves.
  private let levels: [Double]
  private let loss: Axis

  private static let colors = ["#3b6fb6", "#3f9c8f", "#8aa23c", "#d19a2f", "#c4553d"]
  private static let (width, height, left, top) = (420.0, 320.0, 80.0, 60.0)

  package init(_ fit: ScalingFit) {
    self.fit = fit
    levels = Self.levels(of: fit.points.map(\.compute).sorted())
    loss = Axis(of: fit.points.map(\.loss), margin: 1.05)
  }

  /// The means of computes that are about equal, or where there are more than colors, equal
  /// distances.
  private static func levels(of computes: [Double]) -> [Double] {
    var groups: [[Double]] = []
    for compute in computes {
      if let first = groups.last?.first, compute < 1.25 * first {
        groups[groups.count - 1].append(compute)
      } else {
        groups.append([compute])
      }
    }
    if groups.count <= colors.count {
      return groups.map { .exp($0.reduce(0) { $0 + .log($1) } / Double($0.count)) }
    }
    let axis = Axis(of: computes, margin: 1)
    return colors.indices.map { axis.value(at: Double($0) / Double(colors.count - 1)) }
  }

  package var svg: String {
    var drawing = Drawing()
    let panel = Self.left + Self.width + 20
    drawing.open(2 * panel, Self.top + Self.height + 70, title: "A scaling law")
    drawLossOverCompute(&drawing, Self.left)
    drawCurves(&drawing, panel + Self.left)
    return drawing.finished
  }

  private func drawLossOverCompute(_ drawing: inout Drawing, _ x: Double) {
    let axis = Axis(of: fit.points.map(\.compute), margin: 3)
    drawFrame(&drawing, x, axis, title: "loss over compute", label: "compute (FLOP)")
    drawing.group(
      Self.stroke(drawing.theme.ink),
      [
        curve(x, axis) { compute in
          let optimum = fit.law.optimum(compute: compute)
          return fit.law.loss(parameters: optimum.parameters, tokens: optimum.tokens)
        }
      ])
    for point in fit.points { drawRun(&drawing, x, axis.share(of: point.compute), point) }
  }

  private func drawCurves(_ drawing: inout Drawing, _ x: Double) {
    let axis = Axis(of: fit.points.map(\.parameters), margin: 2)
    drawFrame(&drawing, x, axis, title: "equal compute", label: "parameters")
    for (level, color) in zip(levels, Self.colors) {
      drawing.group(
        Self.stroke(color),
        [
          curve(x, axis) { parameters in
            fit.law.loss(
              parameters: parameters,
              tokens: level / (ScalingLaw.operations * parameters))
          }
        ])
      let optimum = fit.law.optimum(compute: level)
      let value = fit.law.loss(parameters: optimum.parameters, tokens: optimum.tokens)
      let (right, up) = (axis.share(of: optimum.parameters), loss.share(of: value))
      guard 0...1 ~= right, 0...1 ~= up else { continue }
      drawing.circle(
        x + Self.width * right, Self.top + Self.height * (1 - up), 5, fill: "#ffffff",
        stroke: color, title: "\(level.asCompute) FLOP: \(optimum.parameters.asCount) parameters")
    }
    for point in fit.points { drawRun(&drawing, x, axis.share(of: point.parameters), point) }
  }

  private func drawRun(
    _ drawing: inout Drawing, _ x: Double, _ share: Double, _ point: ScalingPoint
  ) {
    let distances = levels.map { abs(Double.log($0 / point.compute)) }
    let nearest = distances.indices.min { distances[$0] < distances[$1] } ?? 0
    drawing.circle(
      x + Self.width * share, Self.top + Self.height * (1 - loss.share(of: point.loss)), 4,
      fill: Self.colors[nearest], stroke: Self.colors[nearest],
      title: "\(point.parameters.asCount) parameters, \(point.tokens.asCount) tokens: "
        + point.loss.formatted(4))
  }

  private func drawFrame(
    _ drawing: inout Drawing, _ x: Double, _ axis: Axis, title: String, label: String
  ) {
    let bottom = Self.top + Self.height
    drawing.text(title, x + Self.width / 2, 34, size: 16, weight: "600")
    drawing.box(
      x, Self.top, Self.width, Self.height, "none", style: "stroke=\"\(drawing.theme.faint)\"")
    for tick in axis.ticks {
      let place = x + Self.width * axis.share(of: tick)
      drawing.line(place, bottom, place, bottom + 6, drawing.theme.faint, 1)
      drawing.text(tick.asCompute, place, bottom + 24, size: 12, color: drawing.theme.faint)
    }
    for tick in loss.ticks {
      let place = bottom - Self.height * loss.share(of: tick)
      drawing.line(x - 6, place, x, place, drawing.theme.faint, 1)
      drawing.text(
        tick.formatted(digits: 3), x - 28, place + 4, size: 12, color: drawing.theme.faint)
    }
    drawing.text(label, x + Self.width / 2, bottom + 50, size: 13)
    drawing.text("loss", x - 40, Self.top - 14, size: 13)
  }

  /// A path through the values of a function, as far as they are within the frame.
  private func curve(_ x: Double, _ axis: Axis, _ function: (Double) -> Double) -> String {
    var path = ""
    var isDown = false
    for step in 0...100 {
      let share = Double(step) / 100
      let up = loss.share(of: function(axis.value(at: share)))
      guard 0...1 ~= up else {
        isDown = false
        continue
      }
      let (right, down) = (x + Self.width * share, Self.top + Self.height * (1 - up))
      path += "\(isDown ? "L" : "M")\(Drawing.number(right)) \(Drawing.number(down))"
      isDown = true
    }
    return "<path d=\"\(path)\"/>\n"
  }

  private static func stroke(_ color: String) -> String {
    "fill=\"none\" stroke=\"\(color)\" stroke-width=\"1.6\""
  }
}

/// A logarithmic axis.
private struct Axis {
  private let lower: Double
  private let upper: Double

  /// Covers some values, and this factor beyond them.
  init(of values: [Double], margin: Double) {
    lower = .log((values.min() ?? 1) / margin)
    upper = .log((values.max() ?? 1) * margin)
  }

  func share(of value: Double) -> Double { (.log(value) - lower) / max(upper - lower, 1e-9) }

  func value(at share: Double) -> Double { .exp(lower + share * (upper - lower)) }

  /// Powers of ten, or where these are few, more round numbers.
  var ticks: [Double] {
    let steps: [[Double]] = [[1], [1, 3], [1, 2, 5], (10...99).map { Double($0) / 10 }]
    for factors in steps {
      let ticks = ticks(factors)
      if ticks.count >= 3 { return ticks.count <= 8 ? ticks : thinned(ticks) }
    }
    return []
  }

  private func thinned(_ ticks: [Double]) -> [Double] {
    let step = (ticks.count + 5) / 6
    return ticks.indices.filter { $0 % step == 0 }.map { ticks[$0] }
  }

  private func ticks(_ factors: [Double]) -> [Double] {
    (-30...60).flatMap { exponent in
      factors.map { $0 * Double.exp(Double(exponent) * .log(10)) }
    }.filter { -1e-9...1 + 1e-9 ~= share(of: $0) }
  }
}
