import Charts
import Reports
import TestSupport
import Testing

@Suite struct TerminalPlotTests {
  private static func form(
    _ width: Int, _ height: Int, unicode: Bool = true, color: Bool = false, log: Bool = false
  ) -> TerminalPlot.Form {
    var form = TerminalPlot.Form()
    (form.width, form.height) = (width, height)
    (form.hasUnicode, form.hasColor, form.isLogarithmic) = (unicode, color, log)
    return form
  }

  private static func text(_ plot: TerminalPlot) -> [String] {
    plot.lines.map { $0.map(\.text).joined() }
  }

  @Test func aLineOfBraille() {
    let curve = TerminalPlot.Curve(name: "a", points: [(0, 0), (10, 10)])
    #expect(
      Self.text(TerminalPlot("loss over steps", [curve], Self.form(20, 8))) == [
        "loss over steps",
        "10 ┤           ⢀⡠⠔⠊",
        "   │       ⢀⡠⠔⠊⠁",
        "   │   ⢀⡠⠔⠊⠁",
        " 0 ┤⡠⠔⠊⠁",
        "   └┬──────┬──────┬",
        "    0      5     10",
        "━━ a: last 10.0000…",
      ])
  }

  @Test func plainCharactersHaveAMarkForEachCurve() {
    let curves = [
      TerminalPlot.Curve(name: "a", points: [(1, 1), (5, 5)]),
      TerminalPlot.Curve(name: "b", points: [(1, 5), (5, 1)]),
    ]
    let lines = Self.text(TerminalPlot("loss", curves, Self.form(60, 10, unicode: false)))
    #expect(lines.joined().utf8.allSatisfy { $0 < 128 })
    #expect(lines.dropFirst().first?.contains("o") == true)
    #expect(lines.last?.hasPrefix("o b: last 1.0000 at 5") == true)
    let middle = lines.dropFirst().dropLast(4).filter { $0.contains("*") && $0.contains("o") }
    #expect(middle.count >= 3)
  }

  /// Three points without lines between them, in windows of all sizes.
  @Test func pointsAreWhereTheAxesSay() {
    var random = XorShift(seed: 5)
    for _ in 0..<300 {
      let (width, height) = (random.integer(in: 20...150), random.integer(in: 8...50))
      let (left, middle) = (random.integer(in: 0...100), random.integer(in: 101...200))
      let right = random.integer(in: 201...10_000)
      let values = (0..<3).map { _ in random.number(in: -1e3...1e3) }
      let points = [(left, values[0]), (middle, values[1]), (right, values[2])].flatMap {
        [(Double($0), $1), (Double($0) + 0.5, Double.nan)]
      }
      let isUnicode = random.integer(in: 0...1) == 1
      let lines = Self.text(
        TerminalPlot(
          "x", [TerminalPlot.Curve(name: "a", points: points)],
          Self.form(width, height, unicode: isUnicode)))
      #expect(lines.allSatisfy { $0.displayWidth <= width }, "\(width) x \(height)")
      let rows = min(max(4, height - 4), 40)
      #expect(lines.count == rows + 4)
      let body = lines[1...rows].map { Array($0.drop { !"│┤|+".contains($0) }.dropFirst()) }
      let columns = width - 3 - (lines[1].prefix { !"│┤|+".contains($0) }.count - 1)
      let (low, high) = (values.min() ?? 0, values.max() ?? 0)
      let margin = 0.03 * (high - low)
      let dots = isUnicode ? (2, 4) : (1, 1)
      for (x, y) in [(left, values[0]), (middle, values[1]), (right, values[2])] {
        let across = Double(x - left) / Double(right - left) * Double(columns * dots.0 - 1)
        let down = (high + margin - y) / (high - low + 2 * margin) * Double(rows * dots.1 - 1)
        let row = body[Int(down.rounded()) / dots.1]
        let column = Int(across.rounded()) / dots.0
        #expect(row.count > column && row[column] != " ", "\(width) x \(height): \(lines)")
      }
      #expect((1...3).contains(body.joined().count { $0 != " " }))
    }
  }

  @Test func numbersThatAreNotFiniteAreGaps() {
    let curve = TerminalPlot.Curve(
      name: "a", points: [(0, 1), (1, .nan), (2, 1), (3, .infinity), (4, 1)])
    let lines = Self.text(TerminalPlot("x", [curve], Self.form(60, 9)))
    let drawn = lines.joined().filter { ("\u{2801}"..."\u{28FF}").contains($0) }
    #expect(drawn.count == 3)
    #expect(lines.last == "━━ a: last 1.0000 at 4, lowest 1.0000 at 0, highest 1.0000…")
  }

  @Test func nothingToDraw() {
    for points in [[], [(1.0, Double.nan)]] {
      let curve = TerminalPlot.Curve(name: "a", points: points)
      #expect(
        Self.text(TerminalPlot("x", [curve], Self.form(60, 9))) == [
          "x", "  no number to draw", "━━ a: no number",
        ])
    }
    let negative = TerminalPlot.Curve(name: "a", points: [(1, -1), (2, 0)])
    #expect(
      Self.text(TerminalPlot("x", [negative], Self.form(60, 9, log: true)))[1]
        == "  no number to draw")
  }

  @Test func aLogarithmicAxisHasPowersOfTen() {
    let curve = TerminalPlot.Curve(name: "a", points: [(1, 1e-3), (2, 1), (3, 1e3), (4, -1)])
    let lines = Self.text(TerminalPlot("x", [curve], Self.form(60, 24, log: true)))
    let labels = lines.filter { $0.contains("┤") }.compactMap { line in
      line.split(separator: " ").first.flatMap { Double($0) }
    }
    #expect(labels.contains(1))
    let ratios = zip(labels, labels.dropFirst()).map { ($0 / $1).rounded() }
    #expect(Set(ratios) == [100])
  }

  @Test func coloursTellCurvesApart() {
    let curves = (0..<8).map { number in
      TerminalPlot.Curve(name: "\(number)", points: [(0, Double(number)), (1, Double(number))])
    }
    let lines = TerminalPlot("x", curves, Self.form(40, 60, color: true)).lines
    let legend = lines.suffix(8).map { $0[0].style }
    #expect(Set(legend.prefix(6)).count == 6 && legend[6] == legend[0])
    let drawn = lines.dropFirst().dropLast(10).compactMap { $0.dropFirst().first?.style }
    #expect(drawn == legend.reversed())
  }
}
