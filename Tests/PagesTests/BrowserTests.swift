import Foundation
import Pages
import Reports
import RunFiles
import TestSupport
import Testing

/// Pages in a real browser, with the network off.
@Suite(.browser, .serialized) struct BrowserTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Writes a page, and returns the step that opens it.
  func open(
    _ html: String, width: Int = 1440, scheme: String = "light", script: Bool = true,
    medium: String = "screen"
  ) throws -> Browser.Step {
    let name = "page-\(UUID().uuidString).html"
    try folder.write(html, to: name)
    return [
      "open": folder.path(of: name), "width": width, "scheme": scheme, "script": script,
      "mobile": width < 600, "medium": medium,
    ]
  }

  // MARK: Loading

  @Test func pagesLoadQuietlyOnWideAndNarrowScreensInLightAndDark() throws {
    var records = Records()
    let all = records.all
    var steps: [Browser.Step] = []
    for html in all.map({ RunPage($0).html }) + [ComparisonPage(all).html] {
      for (width, scheme) in [(360, "light"), (360, "dark"), (1440, "light"), (1440, "dark")] {
        steps.append(try open(html, width: width, scheme: scheme))
        steps.append(["evaluate": "document.documentElement.scrollWidth <= innerWidth"])
        steps.append(["evaluate": "innerWidth"])
        // The script has drawn every chart for this width.
        steps.append([
          "evaluate": """
          [...document.querySelectorAll('svg.plot')].every(svg =>
            svg.viewBox.baseVal.width === svg.closest('figure').clientWidth)
          """
        ])
        steps.append([
          "evaluate": "getComputedStyle(document.body).backgroundColor === 'rgb(255, 255, 255)'"
        ])
      }
    }
    let visit = try Browser.visit(steps, in: folder)
    #expect(visit.console == [])
    #expect(
      visit.requests.filter { !$0.hasPrefix("file:///") }.allSatisfy {
        $0.hasPrefix("data:image/")
      })
    // Each page is a single file.
    #expect(visit.requests.count { $0.hasPrefix("file:///") } == 4 * (all.count + 1))
    let answers = visit.results.filter { !($0 is NSNull) }
    for (place, answer) in stride(from: 0, to: answers.count, by: 4).enumerated() {
      #expect(answers[answer] as? Bool == true, "it scrolls sideways")
      #expect(answers[answer + 1] as? Int == [360, 360, 1440, 1440][place % 4])
      #expect(answers[answer + 2] as? Bool == true, "a chart does not fit")
      #expect(answers[answer + 3] as? Bool == (place % 2 == 0))
    }
  }

  @Test func whatFilesHoldDoesNotRun() throws {
    var records = Records()
    let hostile = records.hostile()
    let counts = "[document.scripts.length, document.querySelectorAll('[src=x], [onload]').length]"
    let visit = try Browser.visit(
      [
        try open(RunPage(hostile).html), ["evaluate": counts], ["evaluate": "document.title"],
        try open(ComparisonPage([hostile, hostile]).html), ["evaluate": counts],
      ], in: folder)
    #expect(visit.console == [])
    #expect(visit.results[1] as? [Int] == [2, 0])
    #expect((visit.results[2] as? String)?.contains("<img src=x onerror=alert(2)>") == true)
    #expect(visit.results[4] as? [Int] == [2, 0])
  }

  /// The policy refuses what a fault of the page would let in.
  @Test func thePolicyRefusesScriptsAndLoads() throws {
    var records = Records()
    let html = RunPage(records.regression()).html.replacing(
      "</main>",
      with: """
        <script>document.title = 'caught'</script><img src="x" onerror="document.title='caught'"/>
        <img src="https://example.org/x.png" alt=""/><p style="color: red" id="red">x</p></main>
        """)
    let visit = try Browser.visit(
      [
        try open(html), ["evaluate": "document.title"],
        ["evaluate": "getComputedStyle(document.querySelector('#red')).color"],
        ["evaluate": "document.querySelectorAll('svg.plot .frame').length"],
      ], in: folder)
    #expect(visit.results[1] as? String == "houses: report")
    #expect(visit.results[2] as? String != "rgb(255, 0, 0)")
    #expect((visit.results[3] as? Int ?? 0) > 3, "the page's own script runs")
    #expect(visit.console.contains { $0.contains("Content Security Policy") })
  }

  @Test func aPageIsWholeWithoutItsScript() throws {
    var records = Records()
    let html = RunPage(records.classifier()).html
    let visit = try Browser.visit(
      [
        try open(html, width: 360, script: false),
        ["evaluate": "document.querySelectorAll('svg.plot .curves path').length"],
        ["evaluate": "document.documentElement.scrollWidth"],
        ["evaluate": "document.querySelectorAll('button').length"],
      ], in: folder)
    #expect((visit.results[1] as? Int ?? 0) >= 9)
    #expect(visit.results[2] as? Int == 360)
    #expect(visit.results[3] as? Int == 0)
  }
}
