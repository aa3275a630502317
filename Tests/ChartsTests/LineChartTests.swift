import Charts
import Foundation
import Testing

@Suite struct LineChartTests {
  private func svg(_ points: [(x: Double, y: Double)]) -> String {
    LineChart(
      [LineChart.Curve(name: "a", style: "train", points: points)], unit: "step",
      marked: points.last.map { (0, $0.x, $0.y) }
    ).svg(identifier: "c", title: "loss", description: "first 1").text
  }

  @Test func aChartHasAxesATitleAndADescription() {
    let text = svg([(0, 0), (10, 1)])
    for piece in [
      "role=\"img\"", "aria-labelledby=\"c-title\"", "<title id=\"c-title\">loss</title>",
      "<desc id=\"c-about\">first 1</desc>", ">step</text>", ">0.5</text>", "class=\"grid\"",
      "class=\"curve train\"", "class=\"dots train\"", "class=\"ring train\"",
    ] {
      #expect(text.contains(piece), "\(piece)")
    }
  }

  @Test(
    arguments: [
      [], [(1, .nan)], [(1, .infinity)], [(1, 2)], [(1, -1e308), (2, 1e308)],
      [(1, .leastNonzeroMagnitude), (2, 0)], [(0, 3), (1, 3)],
    ] as [[(x: Double, y: Double)]])
  func noNumbersAreAFault(points: [(x: Double, y: Double)]) {
    let text = svg(points.filter { !$0.y.isNaN })
    #expect(!text.contains("nan") && !text.contains("inf"))
    #expect(text.hasSuffix("</svg>"))
  }
}
