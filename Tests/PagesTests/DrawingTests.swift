import Foundation
import Pages
import RunFiles
import Testing

/// The network's drawing comes from a file that anybody may have written.
@Suite struct DrawingTests {
  /// What stands in the page of a drawing; nil if it has no such part.
  private func shown(_ drawing: String) -> String? {
    var record = RunRecord(path: "runs/a")
    record.findings.network = drawing
    let html = RunPage(record).html
    guard let start = html.range(of: "<div class=\"wide network\" tabindex=\"0\">"),
      let end = html.range(of: "</div>", range: start.upperBound..<html.endIndex)
    else { return nil }
    return String(html[start.upperBound..<end.lowerBound])
  }

  @Test func shapesAndTextsStay() {
    #expect(
      shown(
        "<svg viewBox=\"0 0 9 9\"><title>a &amp; b</title><g stroke=\"var(--ink)\">\n"
          + "<path d=\"M0 0L9 9\"/></g><text x=\"1\">&lt;c&gt;</text></svg>\n")
        == "<svg viewBox=\"0 0 9 9\" role=\"img\"><title>a &amp; b</title><g"
        + " stroke=\"var(--ink)\">\n<path d=\"M0 0L9 9\"></path></g><text"
        + " x=\"1\">&lt;c&gt;</text></svg>")
  }

  @Test func namesAreNoneOfThePage() {
    #expect(
      shown(
        "<svg><marker id=\"data\"/><path marker-end=\"url(#data)\" fill=\"url(http://a.b/c)\"/>"
          + "</svg>")
        == "<svg role=\"img\"><marker id=\"drawing-data\"></marker><path"
        + " marker-end=\"url(#drawing-data)\"></path></svg>")
  }

  @Test func unknownAttributesAreLeftOut() {
    #expect(
      shown("<svg onload=\"x\" style=\"y\" class=\"z\" xmlns=\"w\" href=\"v\" x=\"1\"></svg>")
        == "<svg x=\"1\" role=\"img\"></svg>")
  }

  @Test(arguments: [
    "", "<", "<svg", "<svg>", "<svg></g>", "<g></g>", "text",
    "<svg><script>alert(1)</script></svg>",
    "<svg><foreignObject/></svg>", "<svg><style>*{}</style></svg>", "<svg><a href=\"x\"/></svg>",
    "<svg><image href=\"x\"/></svg>", "<svg><!-- --></svg>", "<svg><![CDATA[x]]></svg>",
    "<svg x='1'/>", "<svg x=1/>", "<svg x=\"1/>", "<!DOCTYPE svg><svg/>", "<svg><use/></svg>",
    String(repeating: "<g>", count: 100_000),
    "<svg>\(String(repeating: "<g>", count: 40))\(String(repeating: "</g>", count: 40))</svg>",
  ])
  func whatIsNoDrawingIsNotShown(text: String) { #expect(shown(text) == nil) }
}
