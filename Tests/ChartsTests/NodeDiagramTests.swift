import Charts
import Foundation
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct NodeDiagramTests {
  private static let color = NodeColor(red: 0.2, green: 0.4, blue: 0.8)

  private static func layer(_ count: Int, inputs: Int, title: String = "x") -> NodeDiagram.Layer {
    NodeDiagram.Layer(
      nodes: (0..<count).map { number in
        NodeDiagram.Node(
          name: "<\(number)>", activation: Float(number) / Float(count),
          weights: Array(repeating: 1, count: inputs), color: color, weightsColor: color,
          value: Float(number))
      }, title: title)
  }

  /// The titles of nodes in their order.
  private static func nodes(_ picture: String) -> [Substring] {
    picture.split(separator: "\n").filter { $0.hasPrefix("<circle") && $0.contains("<title>") }
      .compactMap { $0.split(separator: "<title>").last?.split(separator: "</").first }
  }

  @Test func everyNodeAndWeight() {
    let picture = NodeDiagram(
      [Self.layer(2, inputs: 0), Self.layer(3, inputs: 2, title: "a & b")], caption: "c"
    ).svg()
    #expect(XMLParser(data: Data(picture.utf8)).parse())
    #expect(
      Self.nodes(picture) == [
        "&lt;0&gt;: 0.00", "&lt;1&gt;: 1.00", "&lt;0&gt;: 0.00", "&lt;1&gt;: 1.00",
        "&lt;2&gt;: 2.00",
      ])
    // Six weights and two lines of the legend.
    #expect(picture.split(separator: "<line").count == 9)
    #expect(picture.contains(">a &amp; b</text>"))
  }

  @Test func theFirstAndTheLastOfManyNodesAreDrawn() {
    let picture = NodeDiagram([Self.layer(100, inputs: 0)], caption: "").svg(limit: 4)
    #expect(
      Self.nodes(picture).map { $0.split(separator: ": ")[1] } == ["0.00", "33.0", "66.0", "99.0"])
    #expect(picture.contains(">4 of 100</text>") && picture.contains("<title>A network</title>"))
  }

  @Test func numbersAreScaledForColours() {
    #expect(([-1, 0, 3, .nan] as [Float]).scaled() == [0, 0.25, 1, 0])
    #expect(([2, 4] as [Float]).scaled() == [0.5, 1])
    #expect(([-1, 0.5, 2, .nan] as [Float]).clamped() == [0, 0.5, 1, 0])
    #expect([[1, -2], [0, .infinity]].scaledAboutZero() == [[0.75, 0], [0.5, 0.5]])
  }
}
