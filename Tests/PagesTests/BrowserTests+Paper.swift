import Foundation
import Pages
import Reports
import RunFiles
import TestSupport
import Testing

/// Paper, colours, and the pictures of the documentation.
extension BrowserTests {
  @Test func pagesArePrinted() throws {
    var records = Records()
    let html = RunPage(records.classifier()).html
    let file = folder.path(of: "page.pdf")
    let visit = try Browser.visit(
      [
        try open(html, width: 720, scheme: "dark", medium: "print"),
        ["evaluate": "getComputedStyle(document.body).backgroundColor"],
        [
          "evaluate":
            "[...document.querySelectorAll('.tools, .options, .copy, nav')].every(n => !n.getClientRects().length)"
        ],
        ["evaluate": "getComputedStyle(document.querySelector('figure.chart')).breakInside"],
        ["evaluate": "document.documentElement.scrollWidth"],
        ["evaluate": "document.querySelector('.legend').innerText.split(/\\s+/).join(' ').trim()"],
        ["pdf": file],
      ], in: folder)
    #expect(visit.console == [])
    #expect(visit.results[1] as? String == "rgb(255, 255, 255)")
    #expect(visit.results[2] as? Bool == true)
    #expect(visit.results[3] as? String == "avoid")
    #expect(visit.results[4] as? Int == 720, "a table does not fit")
    #expect(visit.results[5] as? String == "steps training validation")
    let pdf = try folder.data(of: "page.pdf")
    #expect(pdf.starts(with: Data("%PDF".utf8)) && pdf.count > 20_000)
  }

  /// The pictures of docs/reports.md, which are written with NN_DIST_WRITES_PICTURES: `1`, or the
  /// directories of runs with `:` between them, of which the first is shown alone.
  @Test func picturesAreTaken() throws {
    let wish = ProcessInfo.processInfo.environment["NN_DIST_WRITES_PICTURES"] ?? ""
    var records = Records()
    let runs =
      try wish.contains("/")
      ? wish.split(separator: ":").map { try RunRecord(reading: String($0)) }
      : [12, 16, 9].map { epochs in
        var record = records.classifier(name: "conv-\(epochs)", epochs: epochs)
        record.configuration.replace("batch: 64", with: "batch: \(4 * epochs)")
        return record
      }
    let page = RunPage(try #require(runs.first)).html
    let comparison = ComparisonPage(runs).html
    let names = ["light", "dark", "phone", "compare"]
    let files = names.map { folder.path(of: "report-\($0).png") }
    let pointed: Browser.Step = ["hover": ["#chart-0 svg", 0.6, 0.5]]
    let visit = try Browser.visit(
      [
        try open(page), pointed, ["screenshot": files[0], "height": 1500],
        try open(page, scheme: "dark"),
        ["screenshot": files[1], "of": "#layers", "height": 1500],
        try open(page, width: 360), pointed, ["screenshot": files[2], "height": 1400],
        try open(comparison), pointed, ["screenshot": files[3], "height": 1300],
      ], in: folder)
    #expect(visit.console == [])
    for (name, width) in zip(names, [1440, 1440, 360, 1440]) {
      let picture = try folder.data(of: "report-\(name).png")
      // The width stands behind the signature and the name of the first chunk.
      let bytes = picture.dropFirst(16).prefix(4)
      #expect(bytes.reduce(0) { $0 << 8 | Int($1) } == width)
      #expect(picture.count > 20_000 && picture.count < 300_000, "\(name): \(picture.count)")
      guard !wish.isEmpty else { continue }
      try picture.write(
        to: URL(filePath: #filePath)
          .appending(path: "../../../docs/report-\(name).png").standardized)
    }
  }

  /// The ratios of the Web Content Accessibility Guidelines: 4.5 for text, 3 for lines.
  @Test(arguments: ["light", "dark"])
  func coloursCanBeRead(scheme: String) throws {
    let names = ["ink", "faint", "good", "open", "bad"]
    let lines = ["train", "validation", "test"] + (1...8).map { "s\($0)" }
    let visit = try Browser.visit(
      [
        try open(RunPage(RunRecord(path: "runs/a")).html, scheme: scheme),
        [
          "evaluate": """
          (style => \(["paper"] + names + lines).map(name =>
            style.getPropertyValue('--' + name).trim()))(getComputedStyle(document.documentElement))
          """
        ],
      ], in: folder)
    let colours = try #require(visit.results[1] as? [String]).map(Self.luminance)
    for (name, colour) in zip(names + lines, colours.dropFirst()) {
      let (high, low) = (max(colour, colours[0]), min(colour, colours[0]))
      let ratio = (high + 0.05) / (low + 0.05)
      #expect(ratio >= (names.contains(name) ? 4.5 : 3), "\(name) in \(scheme): \(ratio)")
    }
  }

  /// Numbers on the strongest ground of a confusion matrix.
  @Test(arguments: ["light", "dark"])
  func numbersOfCellsCanBeRead(scheme: String) throws {
    var records = Records()
    let visit = try Browser.visit(
      [
        try open(RunPage(records.classifier()).html, scheme: scheme),
        [
          "evaluate": """
          (() => {
            const cell = getComputedStyle(document.querySelector('.confusion .right10'));
            const numbers = text => text.match(/[\\d.]+/g).map(Number);
            const paper = numbers(getComputedStyle(document.body).backgroundColor);
            const [r, g, b, a] = numbers(cell.backgroundColor);
            const hex = channels => '#' + channels.map(c => Math.round(c).toString(16).padStart(2, '0')).join('');
            return [hex(numbers(cell.color)), hex([r, g, b].map((c, i) => a * c + (1 - a) * paper[i]))];
          })()
          """
        ],
      ], in: folder)
    let colours = try #require(visit.results[1] as? [String]).map(Self.luminance)
    let ratio = (max(colours[0], colours[1]) + 0.05) / (min(colours[0], colours[1]) + 0.05)
    #expect(ratio >= 4.5 && ratio < 12, "\(ratio)")
  }

  /// The relative luminance of `#rrggbb`.
  static func luminance(_ colour: String) -> Double {
    let word = Int(colour.dropFirst(), radix: 16) ?? 0
    let parts = [word >> 16, word >> 8 & 255, word & 255].map { part in
      let share = Double(part) / 255
      return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
  }
}
