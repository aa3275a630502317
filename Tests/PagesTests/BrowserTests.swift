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

  // MARK: Charts

  /// What a chart shows at its cursor.
  private struct Reading {
    let place: String
    /// By the name of the curve, the number and the step where that is another one.
    let values: [String: String]

    init(_ answer: Any) throws {
      let answer = try #require(answer as? [String: Any])
      place = try #require(answer["place"] as? String)
      values = try #require(answer["values"] as? [String: String])
    }

    static func step(of chart: String) -> Browser.Step {
      [
        "evaluate": """
        (() => {
          const figure = document.querySelector('#\(chart)');
          const values = {};
          for (const item of figure.querySelectorAll('.legend li')) {
            values[item.querySelector('.label').textContent] = item.querySelector('output').textContent;
          }
          return { place: figure.querySelector('.at').textContent, values };
        })()
        """
      ]
    }

    /// The number of a curve, and the step that it stands at.
    func number(of curve: String) throws -> (step: Int, value: Double) {
      let text = try #require(values[curve])
      let words = text.components(separatedBy: " at ")
      // `step 1,234, epoch 5, 2 s` has the step 1,234.
      let step = words.count > 1 ? words[1] : place.dropFirst(5).components(separatedBy: ", ")[0]
      return (
        try #require(Int(step.replacing(",", with: ""))), try #require(Double(words[0]))
      )
    }
  }

  /// The place of a share of a chart's width on its axis.
  private static func step(at share: Double, of range: ClosedRange<Double>, width: Double) -> Double
  {
    let inside = (share * width - 58) / (width - 58 - 24)
    return range.lowerBound
      + min(1, max(0, inside)) * (range.upperBound - range.lowerBound)
  }

  @Test func valuesUnderThePointerAreThoseOfTheMetrics() throws {
    var records = Records()
    let record = records.classifier()
    let charts = ["loss", "accuracy", "learning_rate", "gradient_norm", "samples_per_second"]
    let shares = [0.1, 0.25, 0.333, 0.5, 0.61, 0.82, 0.99]
    var steps = [try open(RunPage(record).html)]
    for chart in charts.indices {
      steps.append([
        "evaluate": "document.querySelector('#chart-\(chart) svg').getBoundingClientRect().width"
      ])
      for share in shares {
        steps.append(["hover": ["#chart-\(chart) svg", share, 0.4]])
        steps.append(Reading.step(of: "chart-\(chart)"))
      }
    }
    let visit = try Browser.visit(steps, in: folder)
    #expect(visit.console == [])
    var answers = visit.results.dropFirst().filter { !($0 is NSNull) }[...]
    for name in charts {
      let first = answers.popFirst()
      let width = try #require(first as? Double)
      let curves = record.metrics.curves.filter { $0.name == name }
      let all = curves.flatMap { $0.points.map { Double($0.step) } }
      let range = (all.min() ?? 0)...(all.max() ?? 0)
      for share in shares {
        let next = answers.popFirst()
        let reading = try Reading(try #require(next))
        let pointer = Self.step(at: share, of: range, width: width)
        var shown = 0
        for curve in curves {
          let label =
            switch curve.split {
            case .train: "training"
            case .step: "steps"
            default: curve.split.rawValue
            }
          // A curve shows no number beyond its ends.
          guard reading.values[label]?.isEmpty == false else { continue }
          let (step, value) = try reading.number(of: label)
          let point = try #require(curve.points.first { $0.step == step })
          #expect(value == point.value, "\(name), \(label) at step \(step)")
          shown += 1
          // It is the nearest but for the rule that points of epochs go before those of steps.
          let nearest = curve.points.map { abs(Double($0.step) - pointer) }.min() ?? 0
          let pixel = (range.upperBound - range.lowerBound) / (width - 82)
          #expect(abs(Double(step) - pointer) <= nearest + 14 * pixel, "\(name), \(label)")
        }
        #expect(shown > 0, "\(name) at \(share): \(reading)")
        #expect(reading.place.contains("epoch") && reading.place.hasSuffix("s"))
      }
    }
  }

  /// The labels of both axes of a chart.
  private static func ticks(of chart: String) -> Browser.Step {
    [
      "evaluate": """
      ['x', 'y'].map(axis => [...document.querySelectorAll('#\(chart) .ticks.' + axis + ' text')]
        .map(text => text.textContent))
      """
    ]
  }

  private static func numbers(_ answer: Any, axis: Int) -> [Double] {
    let labels = (answer as? [[String]])?[axis] ?? []
    return labels.map { Double($0.replacing(",", with: "")) ?? .nan }
  }

  @Test func draggingShowsAPartAndDoubleClicksShowAll() throws {
    var records = Records()
    let record = records.classifier(epochs: 40)
    let chart = "#chart-0 svg"
    let visit = try Browser.visit(
      [
        try open(RunPage(record).html), Self.ticks(of: "chart-0"),
        ["drag": [chart, 0.5, 0.4, 0.6, 0.42]], Self.ticks(of: "chart-0"),
        // All charts show the same steps.
        Self.ticks(of: "chart-1"), ["hover": [chart, 0.5, 0.5]], Reading.step(of: "chart-0"),
        ["drag": [chart, 0.3, 0.2, 0.6, 0.6]], Self.ticks(of: "chart-0"),
        ["click": chart, "count": 2], Self.ticks(of: "chart-0"),
        ["click": "#chart-0 [data-action=in]"], Self.ticks(of: "chart-0"),
        ["click": "#chart-0 [data-action=reset]"], Self.ticks(of: "chart-0"),
      ], in: folder)
    #expect(visit.console == [])
    let last = Double(record.metrics.lastStep)
    let all = Self.numbers(visit.results[1], axis: 0)
    #expect(try #require(all.max()) > 0.7 * last)
    // The drag is over a tenth of the width, in the middle.
    let zoomed = Self.numbers(visit.results[3], axis: 0)
    #expect(zoomed.count > 1)
    #expect(zoomed.allSatisfy { (0.45 * last..<0.65 * last).contains($0) }, "\(zoomed)")
    #expect(Self.numbers(visit.results[4], axis: 0) == zoomed)
    // The vertical axis fits what is shown: the loss is small there.
    let (high, before) = (
      Self.numbers(visit.results[3], axis: 1), Self.numbers(visit.results[1], axis: 1)
    )
    #expect(try #require(high.max()) < 0.7 * (try #require(before.max())))
    let (step, value) = try Reading(visit.results[6]).number(of: "validation")
    #expect(record.metrics[.validation, "loss"]?.points.first { $0.step == step }?.value == value)
    // A box is a part of both axes.
    let box = Self.numbers(visit.results[8], axis: 1)
    #expect(try #require(box.max()) <= (try #require(high.max())))
    #expect(Self.numbers(visit.results[8], axis: 0).count > 1)
    #expect(Self.numbers(visit.results[10], axis: 0) == all)
    let closer = Self.numbers(visit.results[12], axis: 0)
    #expect(closer != all)
    #expect(Self.numbers(visit.results[14], axis: 0) == all)
  }

  /// What the pointer is over does not move away when values appear.
  @Test func valuesTakeNoRoom() throws {
    var records = Records()
    let pages = [
      RunPage(records.classifier()).html,
      ComparisonPage([3, 5].map { records.classifier(name: "a longer name \($0)", epochs: $0) })
        .html,
    ]
    let places: Browser.Step = [
      "evaluate": """
      [...document.querySelectorAll('svg.plot')].map(svg => svg.getBoundingClientRect().top + scrollY)
      """
    ]
    var steps: [Browser.Step] = []
    for (page, width) in zip(pages + pages, [1440, 1440, 360, 360]) {
      steps += [
        try open(page, width: width), places, ["hover": ["#chart-0 svg", 0.37, 0.5]], places,
        Reading.step(of: "chart-0"),
      ]
    }
    let visit = try Browser.visit(steps, in: folder)
    for start in stride(from: 0, to: steps.count, by: 5) {
      let before = try #require(visit.results[start + 1] as? [Double])
      #expect(before.count > 3)
      #expect(visit.results[start + 3] as? [Double] == before)
      #expect(try Reading(visit.results[start + 4]).values.contains { !$0.value.isEmpty })
    }
  }

  @Test func keysMoveTheCursor() throws {
    var records = Records()
    let record = records.classifier()
    let chart = "#chart-1 svg"
    let spoken: Browser.Step = ["evaluate": "document.querySelector('.spoken').textContent"]
    var steps = [try open(RunPage(record).html)]
    for key in ["Home", "ArrowRight", "ArrowRight", "ArrowLeft", "End", "+", "Escape"] {
      steps += [["key": key, "on": chart], Reading.step(of: "chart-1"), spoken]
    }
    let visit = try Browser.visit(steps, in: folder)
    #expect(visit.console == [])
    let points = try #require(record.metrics[.validation, "accuracy"]?.points)
    for (place, index) in [0, 1, 2, 1, 11].enumerated() {
      let reading = try Reading(visit.results[2 + 3 * place])
      let (step, value) = try reading.number(of: "validation")
      #expect((step, value) == (points[index].step, points[index].value))
      let words = try #require(visit.results[3 + 3 * place] as? String)
      #expect(words.contains("epoch \(index + 1)") && words.contains("validation \(value)"))
    }
  }

  @Test func theLossHasALogarithmicAxisAndCurvesAreHidden() throws {
    var records = Records()
    var record = records.classifier()
    record.metrics.add("r2", .validation, .init(step: 938, epoch: 1, wallTime: nil, value: -0.5))
    let paths: Browser.Step = [
      "evaluate": "document.querySelectorAll('#chart-0 .curves .curve').length"
    ]
    let visit = try Browser.visit(
      [
        try open(RunPage(record).html), Self.ticks(of: "chart-0"),
        ["click": "#chart-0 [data-action=log]"], Self.ticks(of: "chart-0"), paths,
        ["click": "#chart-0 .legend li:first-child button"], paths,
        ["click": "#chart-0 .legend li:first-child button"], paths,
        [
          "evaluate":
            "[...document.querySelectorAll('.chart')].map(c => [c.querySelector('h3').textContent, !!c.querySelector('[data-action=log]')])"
        ],
      ], in: folder)
    #expect(visit.console == [])
    let linear = Self.numbers(visit.results[1], axis: 1)
    let logarithmic = Self.numbers(visit.results[3], axis: 1)
    #expect(Set(zip(linear, linear.dropFirst()).map { ($1 - $0).rounded(toPlaces: 6) }).count == 1)
    #expect(logarithmic.count > 1)
    #expect(
      zip(logarithmic, logarithmic.dropFirst()).allSatisfy {
        [2, 2.5, 10].contains(($1 / $0).rounded(toPlaces: 6))
      }, "\(logarithmic)")
    #expect([4, 6, 8].map { visit.results[$0] as? Int } == [3, 2, 3])
    let offered = try #require(visit.results[9] as? [[Any]])
    #expect(offered.contains { $0[0] as? String == "r2" && $0[1] as? Bool == false })
    #expect(offered.contains { $0[0] as? String == "loss" && $0[1] as? Bool == true })
  }

  @Test func theHorizontalAxisCanBeEpochsOrTime() throws {
    var records = Records()
    let record = records.classifier()
    let visit = try Browser.visit(
      [
        try open(RunPage(record).html), ["click": "[data-unit=epoch]"], Self.ticks(of: "chart-0"),
        ["hover": ["#chart-1 svg", 0.5, 0.5]], Reading.step(of: "chart-1"),
        ["click": "[data-unit=time]"], Self.ticks(of: "chart-0"),
        ["hover": ["#chart-1 svg", 0.5, 0.5]], Reading.step(of: "chart-1"),
      ], in: folder)
    #expect(visit.console == [])
    #expect(Self.numbers(visit.results[2], axis: 0) == [2, 4, 6, 8, 10, 12])
    #expect((visit.results[6] as? [[String]])?[0].contains("1 min") == true)
    for result in [4, 8] {
      let (step, value) = try Reading(visit.results[result]).number(of: "validation")
      #expect(
        record.metrics[.validation, "accuracy"]?.points.first { $0.step == step }?.value == value)
    }
  }

  /// The rules of ticks and labels are written twice, in Swift and in the script.
  @Test func ticksOfTheScriptAreThoseOfTheFile() throws {
    var random = XorShift(seed: 3)
    var record = RunRecord(path: "runs/ticks")
    for number in 0..<60 {
      let size = pow(10, Double.random(in: -9...9, using: &random))
      let base =
        Bool.random(using: &random) ? 0 : Double.random(in: -50...50, using: &random) * size
      for step in 0...2 {
        let value = base + Double.random(in: -1...1, using: &random) * size
        record.metrics.add(
          "metric\(number)", .train,
          .init(step: step * (1 + number * number * 37), epoch: step, wallTime: nil, value: value))
      }
    }
    let html = RunPage(record).html
    let ticks: Browser.Step = [
      "evaluate": """
      [...document.querySelectorAll('svg.plot')].map(svg =>
        [...svg.querySelectorAll('.ticks text')].map(text => text.textContent).join(' '))
      """
    ]
    let visit = try Browser.visit(
      [try open(html, script: false), ticks, try open(html), ticks], in: folder)
    let (written, drawn) = (visit.results[1] as? [String], visit.results[3] as? [String])
    #expect(written?.count == 60)
    #expect(written == drawn)
  }

  // MARK: Other pictures

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

  private static func heights(_ path: String) -> [Double] {
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

  // MARK: Paper and colours

  @Test func pagesArePrinted() throws {
    var records = Records()
    let html = RunPage(records.classifier()).html
    let file = folder.path(of: "page.pdf")
    let visit = try Browser.visit(
      [
        try open(html, scheme: "dark", medium: "print"),
        ["evaluate": "getComputedStyle(document.body).backgroundColor"],
        [
          "evaluate":
            "[...document.querySelectorAll('button, nav')].every(n => !n.getClientRects().length)"
        ],
        ["evaluate": "getComputedStyle(document.querySelector('figure.chart')).breakInside"],
        ["pdf": file],
      ], in: folder)
    #expect(visit.console == [])
    #expect(visit.results[1] as? String == "rgb(255, 255, 255)")
    #expect(visit.results[2] as? Bool == true)
    #expect(visit.results[3] as? String == "avoid")
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
  private static func luminance(_ colour: String) -> Double {
    let word = Int(colour.dropFirst(), radix: 16) ?? 0
    let parts = [word >> 16, word >> 8 & 255, word & 255].map { part in
      let share = Double(part) / 255
      return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
  }
}

extension Double {
  fileprivate func rounded(toPlaces places: Int) -> Double {
    let factor = pow(10, Double(places))
    return (self * factor).rounded() / factor
  }
}
