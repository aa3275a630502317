import Foundation
import Pages
import Reports
import RunFiles
import TestSupport
import Testing

/// Other pictures, and several runs.
extension BrowserTests {
  @Test func smallCurvesMapsAndPairsShowTheirValues() throws {
    var records = Records()
    let (classifier, text) = (records.classifier(), records.languageModel())
    let regression = records.regression()
    let tip: Browser.Step = [
      "evaluate": "(tip => tip.hidden ? '' : tip.textContent)(document.querySelector('.tip'))"
    ]
    let readout: Browser.Step = [
      "evaluate": "document.querySelector('#map-0 .readout').textContent"
    ]
    let visit = try Browser.visit(
      [
        try open(RunPage(classifier).html), ["hover": ["svg[data-spark='0']", 0.99, 0.5]], tip,
        try open(RunPage(text).html), ["hover": ["#map-0 .ground", 0.001, 0.999]], readout,
        ["key": "ArrowUp", "on": "#map-0 svg"], readout,
        try open(RunPage(regression).html), ["hover": ["svg.scatter .dots", 0, 1]], tip,
      ], in: folder)
    #expect(visit.console == [])
    let norm = try #require(classifier.layers.last?.tensors.first?.weights)
    #expect(visit.results[2] as? String == "epoch 12: \(String(format: "%.4g", norm))")
    // The first column of the last row, and of the one above.
    #expect(visit.results[5] as? String == "unit 23, R: 0")
    #expect((visit.results[7] as? String)?.hasPrefix("unit 22, R: ") == true)
    let least = try #require(
      regression.findings.validation?.pairs.min {
        $0.truth + $0.prediction < $1.truth + $1.prediction
      })
    #expect(
      (visit.results[10] as? String).map { $0.isEmpty || $0.hasPrefix("true \(least.truth)") }
        == true)
  }

  /// The script's mean over steps, against one written here.
  @Test func stepsAreSmoothed() throws {
    var records = Records()
    let record = records.classifier(epochs: 2)
    let set: Browser.Step = [
      "evaluate": """
      (slider => { slider.value = 0.8; slider.dispatchEvent(new Event('input')); })(
        document.querySelector('.options input'))
      """
    ]
    let path: (String) -> Browser.Step = { style in
      ["evaluate": "document.querySelector('#chart-0 .curve.step\(style)').getAttribute('d')"]
    }
    let visit = try Browser.visit(
      [
        try open(RunPage(record).html), path(""), set, path(":not(.smooth)"), path(".smooth"),
        ["evaluate": "document.querySelectorAll('#chart-0 .smooth').length"],
      ], in: folder)
    #expect(visit.console == [])
    let raw = try #require(visit.results[1] as? String)
    #expect(visit.results[3] as? String == raw)
    #expect(visit.results[5] as? Int == 1)
    // Heights on the page are a line through the numbers of the curve.
    let heights = Self.heights(raw)
    let values = try #require(record.metrics[.step, "loss"]?.points).map(\.value)
    let (low, high) = (
      try #require(values.indices.min { values[$0] < values[$1] }),
      try #require(values.indices.max { values[$0] < values[$1] })
    )
    let slope = (heights[high] - heights[low]) / (values[high] - values[low])
    var (sum, weight) = (0.0, 0.0)
    for (value, height) in zip(values, Self.heights(try #require(visit.results[4] as? String))) {
      sum = 0.8 * sum + value
      weight = 0.8 * weight + 1
      #expect(abs(heights[low] + slope * (sum / weight - values[low]) - height) < 0.3)
    }
  }

  static func heights(_ path: String) -> [Double] {
    path.split(whereSeparator: { $0 == "M" || $0 == "L" }).compactMap {
      $0.split(separator: " ").last.flatMap { Double($0) }
    }
  }

  @Test func samplesOverTimeAreAFilm() throws {
    var records = Records()
    let html = RunPage(records.generator()).html
    let shown: Browser.Step = [
      "evaluate": """
      document.querySelector('.film strong').textContent + ': '
        + (document.querySelector('.film img').src === [...document.querySelectorAll('.samples .sample')]
          .find(tile => tile.querySelector('strong').textContent
            === document.querySelector('.film strong').textContent).querySelector('img').src)
      """
    ]
    let visit = try Browser.visit(
      [
        try open(html), shown, ["key": "Home", "on": ".film input"], shown,
        ["click": ".film button"],
        ["evaluate": "new Promise(done => setTimeout(done, 3200))"], shown,
        ["evaluate": "document.querySelector('.film button').textContent"],
      ], in: folder)
    #expect(visit.console == [])
    #expect(visit.results[1] as? String == "after step 18,000: true")
    #expect(visit.results[3] as? String == "after step 3,000: true")
    #expect(visit.results[6] as? String == "after step 18,000: true")
    #expect(visit.results[7] as? String == "play")
  }

  // MARK: Several runs

  @Test func runsAreSortedByAClick() throws {
    var records = Records()
    let runs = [7, 3, 11].map { epochs in
      var record = records.classifier(name: "conv-\(epochs)", epochs: epochs)
      record.configuration.replace("batch: 64", with: "batch: \(10 * epochs)")
      return record
    }
    let html = ComparisonPage(runs + [records.regression()]).html
    let column: (Int) -> Browser.Step = { number in
      [
        "evaluate": """
        [...document.querySelectorAll('table.sortable tbody tr')].map(row =>
          row.cells[\(number)].textContent.trim())
        """
      ]
    }
    let heading = "document.querySelectorAll('table.sortable th[scope=col]')"
    let names: Browser.Step = ["evaluate": "[...\(heading)].map(cell => cell.textContent)"]
    var visit = try Browser.visit([try open(html), names], in: folder)
    let headings = try #require(visit.results[1] as? [String])
    let (epochs, batch, name) = (
      try #require(headings.firstIndex(of: "epochs")),
      try #require(headings.firstIndex(of: "data.batch")), 0
    )
    let click: (Int) -> Browser.Step = { number in
      ["click": "table.sortable th[scope=col]:nth-child(\(number + 1)) button"]
    }
    let sorted: Browser.Step = [
      "evaluate": "[...\(heading)].map(cell => cell.getAttribute('aria-sort'))"
    ]
    visit = try Browser.visit(
      [
        try open(html), click(epochs), column(epochs), sorted, click(epochs), column(epochs),
        click(batch), column(batch), click(batch), column(batch), click(name), column(name),
      ], in: folder)
    #expect(visit.console == [])
    #expect(visit.results[2] as? [String] == ["3", "7", "11", "50"])
    let marks = try #require(visit.results[3] as? [Any])
    #expect(marks.indices.filter { marks[$0] as? String == "ascending" } == [epochs])
    #expect(visit.results[5] as? [String] == ["50", "11", "7", "3"])
    // A run that does not have the setting stands last either way.
    #expect(visit.results[7] as? [String] == ["30", "70", "110", ""])
    #expect(visit.results[9] as? [String] == ["110", "70", "30", ""])
    #expect(visit.results[11] as? [String] == ["conv-3", "conv-7", "conv-11", "houses"])
  }

  @Test func runsAndSplitsAreHiddenInAllCharts() throws {
    var records = Records()
    let runs = [1, 2, 3].map { records.classifier(name: "conv-\($0)", epochs: 4 + $0) }
    let curves: Browser.Step = [
      "evaluate": "document.querySelectorAll('#chart-0 .curves .curve').length"
    ]
    let visit = try Browser.visit(
      [
        try open(ComparisonPage(runs).html), curves, ["click": ".runs li:first-child button"],
        curves,
        ["click": "[data-hides=validation]"], curves, ["hover": ["#chart-0 svg", 0.5, 0.5]],
        Reading.step(of: "chart-0"),
      ], in: folder)
    #expect(visit.console == [])
    #expect([1, 3, 5].map { visit.results[$0] as? Int } == [6, 4, 2])
    let reading = try Reading(visit.results[7])
    #expect(reading.values.filter { !$0.value.isEmpty }.count == 2)
    let (step, value) = try reading.number(of: "conv-2, training")
    #expect(runs[1].metrics[.train, "loss"]?.points.first { $0.step == step }?.value == value)
  }
}
