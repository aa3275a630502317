import Foundation
import Pages
import RunFiles
import TestSupport
import Testing

@Suite(.browser, .serialized) struct BrowserTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func allPagesLoadQuietly() throws {
    var records = Records()
    let pages = [
      records.classifier(), records.regression(), records.languageModel(), records.generator(),
      records.hostile(),
    ]
    var steps: [Browser.Step] = []
    for (place, record) in pages.enumerated() {
      let file = folder.path(of: "page\(place).html")
      try folder.write(RunPage(record).html, to: "page\(place).html")
      for width in [360, 1440] {
        steps.append(["open": file, "width": width, "mobile": width == 360])
        steps.append([
          "evaluate": "[innerWidth, document.documentElement.scrollWidth, document.querySelectorAll('svg.plot').length]"
        ])
        steps.append(["screenshot": "/tmp/shots/page\(place)-\(width).png"])
      }
    }
    let variants = [1, 2, 3].map { place in
      var record = records.classifier(name: "conv-\(place)", epochs: 6 + place)
      record.configuration.replace("batch: 64", with: "batch: \(32 * place)")
      return record
    }
    try folder.write(ComparisonPage(variants + [pages[1], pages[4]]).html, to: "compare.html")
    for width in [360, 1440] {
      steps.append(["open": folder.path(of: "compare.html"), "width": width, "scheme": "dark"])
      steps.append(["screenshot": "/tmp/shots/compare-\(width).png"])
    }
    let visit = try Browser.visit(steps, in: folder)
    #expect(visit.console == [])
    print(visit.results)
  }
}
