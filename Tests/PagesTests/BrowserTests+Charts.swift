import Foundation
import Pages
import Reports
import RunFiles
import TestSupport
import Testing

/// Charts: values under the pointer, zoom, keys and axes.
extension BrowserTests {
  /// What a chart shows at its cursor.
  struct Reading {
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
  static func step(at share: Double, of range: ClosedRange<Double>, width: Double) -> Double {
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
      // All charts of a run have the same axis.
      let all = record.metrics.curves.flatMap { $0.points.map { Double($0.step) } }
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
  static func ticks(of chart: String) -> Browser.Step {
    [
      "evaluate": """
      ['x', 'y'].map(axis => [...document.querySelectorAll('#\(chart) .ticks.' + axis + ' text')]
        .map(text => text.textContent))
      """
    ]
  }

  static func numbers(_ answer: Any, axis: Int) -> [Double] {
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
    let html = ComparisonPage([record]).html
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
}

extension Double {
  fileprivate func rounded(toPlaces places: Int) -> Double {
    let factor = pow(10, Double(places))
    return (self * factor).rounded() / factor
  }
}
