package import Reports

/// Curves as lines of text: dots of braille, or plain characters, between axes.
package struct TerminalPlot {
  /// A curve; it has gaps where numbers are not finite.
  package struct Curve: Sendable {
    package let name: String
    package let points: [(x: Double, y: Double)]

    package init(name: String, points: [(x: Double, y: Double)]) {
      self.name = name
      self.points = points
    }
  }

  /// What the terminal can show.
  package struct Form: Sendable {
    package var width = 80
    /// The lines of the plot, with title, axis and legend.
    package var height = 24
    package var hasUnicode = true
    package var hasColor = true
    package var isLogarithmic = false

    package init() {}
  }

  private let title: String
  private let curves: [Curve]
  private let form: Form
  private let columns: Int
  private let rows: Int
  private let xAxis: Axis
  private let yAxis: Axis
  private let xTicks: [(place: Int, label: String)]
  private let yTicks: [Int: String]
  private let labelWidth: Int
  private let canvas: DotCanvas
  private let isEmpty: Bool

  private static let styles: [Console.Style] = [
    .cyan, .yellow, .magenta, .green, .brightBlue, .red,
  ]
  private static let marks: [Character] = ["*", "o", "+", "x", "#", "@"]

  /// - Parameters:
  ///   - title: What the curves show, such as `loss over epochs`.
  ///   - curves: The curves; the first are the legend's first lines.
  ///   - form: What the terminal can show.
  package init(_ title: String, _ curves: [Curve], _ form: Form) {
    self.title = title
    self.curves = curves
    self.form = form
    let isLogarithmic = form.isLogarithmic
    let points = curves.flatMap(\.points).filter {
      $0.y.isFinite && (!isLogarithmic || $0.y > 0)
    }
    isEmpty = points.isEmpty
    // Without colours, braille cannot tell curves apart.
    let isBraille = form.hasUnicode && (form.hasColor || curves.count == 1)
    rows = min(max(4, form.height - 3 - curves.count), 40)
    let dots: (x: Double, y: Double) = isBraille ? (2, 4) : (1, 1)
    yAxis = Axis(
      Axis.range(of: points.map(\.y), margin: 0.03, isLogarithmic: isLogarithmic),
      from: Double(rows) * dots.y - 1, to: 0, isLogarithmic: isLogarithmic)
    var labels: [Int: String] = [:]
    for tick in yAxis.ticks(max(2, rows / 3)).ticks {
      labels[Int((yAxis.place(of: tick.value) / dots.y).rounded(.down))] = tick.label
    }
    labels = labels.filter { [rows] in 0..<rows ~= $0.key }
    yTicks = labels
    labelWidth = labels.values.map(\.displayWidth).max() ?? 0
    columns = max(10, form.width - labelWidth - 3)
    xAxis = Axis(
      Axis.range(of: points.map(\.x)), from: 0, to: Double(columns) * dots.x - 1)
    xTicks = xAxis.ticks(max(2, columns / 12), whole: true).ticks.map { [xAxis] tick in
      (Int((xAxis.place(of: tick.value) / dots.x).rounded(.down)), tick.label)
    }
    var canvas = DotCanvas(columns: columns, rows: rows, isBraille: isBraille)
    // The first curves are drawn last: they are on top.
    for (number, curve) in curves.enumerated().reversed() {
      var last: (x: Double, y: Double)?
      for point in curve.points {
        guard point.y.isFinite, !isLogarithmic || point.y > 0 else {
          last = nil
          continue
        }
        let place = (x: xAxis.place(of: point.x), y: yAxis.place(of: point.y))
        canvas.line(from: last ?? place, to: place, number)
        last = place
      }
    }
    self.canvas = canvas
  }

  /// The lines, with colours where the terminal has them.
  package var lines: [[Console.Part]] {
    [[Console.Part(title, .bold)]] + (isEmpty ? [[Console.Part("  no number to draw")]] : plot)
      + curves.indices.map(legend)
  }

  private var plot: [[Console.Part]] {
    let line = form.hasUnicode ? ("│", "┤") : ("|", "+")
    let body = (0..<rows).map { row in
      let label = yTicks[row]
      let head = (label ?? "").padded(to: labelWidth, .right)
      return [Console.Part("\(head) \(label == nil ? line.0 : line.1)", .dim)]
        + parts(of: canvas.row(row, marks: Self.marks))
    }
    return body + bottom
  }

  /// Characters of one curve beside each other are one part.
  private func parts(of cells: [(character: Character, curve: Int?)]) -> [Console.Part] {
    let end = cells.lastIndex { $0.curve != nil }.map { $0 + 1 } ?? 0
    var parts: [Console.Part] = []
    var rest = cells[..<end]
    while let curve = rest.first?.curve ?? rest.first.map({ _ in -1 }) {
      let same = rest.prefix { ($0.curve ?? -1) == curve }
      parts.append(
        Console.Part(String(same.map(\.character)), curve < 0 ? nil : Self.style(of: curve)))
      rest = rest.dropFirst(same.count)
    }
    return parts
  }

  /// The axis below the plot, and its labels where they have room.
  private var bottom: [[Console.Part]] {
    let signs: (corner: Character, line: Character, tick: Character) =
      form.hasUnicode ? ("└", "─", "┬") : ("+", "-", "+")
    var axis = Array(repeating: signs.line, count: columns)
    var labels = ""
    let space = labelWidth + 2
    for (place, label) in xTicks where 0..<columns ~= place {
      let start = max(0, min(space + place - label.count / 2, space + columns - label.count))
      guard labels.isEmpty || start > labels.count else { continue }
      axis[place] = signs.tick
      labels += String(repeating: " ", count: start - labels.count) + label
    }
    let head = String(repeating: " ", count: labelWidth + 1)
    return [
      [Console.Part("\(head)\(signs.corner)\(String(axis))", .dim)], [Console.Part(labels, .dim)],
    ]
  }

  /// A curve's colour or mark, its name, its last, lowest and highest number.
  private func legend(_ number: Int) -> [Console.Part] {
    let curve = curves[number]
    let mark =
      !form.hasUnicode || !form.hasColor && curves.count > 1
      ? String(Self.marks[number % Self.marks.count]) : "━━"
    let numbers = curve.points.filter(\.y.isFinite)
    func text(_ point: (x: Double, y: Double)) -> String {
      "\(point.y.asShortNumber) at \(point.x.asCount)"
    }
    var figures = "no number"
    if let last = numbers.last, let low = numbers.min(by: { $0.y < $1.y }),
      let high = numbers.max(by: { $0.y < $1.y })
    {
      figures = "last \(text(last)), lowest \(text(low)), highest \(text(high))"
    }
    return [
      Console.Part("\(mark) ", Self.style(of: number)),
      Console.Part(clipped("\(curve.name): \(figures)", to: max(10, form.width - 4))),
    ]
  }

  private func clipped(_ text: String, to width: Int) -> String {
    guard !form.hasUnicode, text.displayWidth > width else { return text.clipped(to: width) }
    return text.prefix(width - 3) + "..."
  }

  private static func style(of curve: Int) -> Console.Style { styles[curve % styles.count] }
}
