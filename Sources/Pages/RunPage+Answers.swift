internal import Charts
internal import Diagnostics
internal import Reports
internal import RunFiles

extension RunPage {
  func addAnswers(
    of findings: ValidationFindings, to page: inout Markup, _ data: inout PageData
  ) {
    let confusion = findings.confusion.flatMap { Self.matrix($0) }
    guard confusion != nil || !findings.pairs.isEmpty else { return }
    page.element("p", Self.origin(of: findings))
    if let confusion { ConfusionFigure(matrix: confusion).add(to: &page) }
    if !findings.pairs.isEmpty { addPairs(findings.pairs, to: &page, &data) }
  }

  /// A matrix with a row for each class, which a damaged file may not have.
  private static func matrix(_ confusion: (names: [String], counts: [[Int]])) -> ConfusionMatrix? {
    let (names, counts) = confusion
    guard !names.isEmpty, names.count <= ConfusionFigure.limit, counts.count == names.count,
      counts.allSatisfy({ row in
        row.count == names.count && row.allSatisfy { (0...1 << 40).contains($0) }
      })
    else { return nil }
    return ConfusionMatrix(names: names, counts: counts.flatMap(\.self))
  }

  private static func origin(of findings: ValidationFindings) -> String {
    let samples = findings.samples == 1 ? "1 sample" : "\(findings.samples.grouped) samples"
    let weights =
      findings.isBest
      ? "the best checkpoint, of step \(findings.step.grouped)"
      : "the weights after step \(findings.step.grouped)"
    return "\(samples) of the validation set, answered with \(weights)."
  }

  private func addPairs(
    _ pairs: [(truth: Double, prediction: Double)], to page: inout Markup, _ data: inout PageData
  ) {
    let points = pairs.filter { $0.truth.isFinite && $0.prediction.isFinite }
      .map { (x: $0.truth, y: $0.prediction) }
    let errors = points.map { abs($0.y - $0.x) }
    let chart = ScatterChart(points)
    data.set(pairs: points, of: chart)
    page.element("figure", ["class": "pairs", "id": "pairs"]) { page in
      page.element("figcaption") { $0.element("h3", "Predicted against true") }
      let about =
        errors.isEmpty
        ? "No finite number."
        : "\(errors.count.grouped) pairs; the median of their absolute errors is"
          + " \(errors.median.asShortNumber), the greatest"
          + " \((errors.max() ?? 0).asShortNumber)."
      page.add(
        chart.svg(
          identifier: "pairs", title: "Predicted against true values", description: about,
          names: ("true", "predicted")))
      page.element("p", ["class": "about"], "\(about) On the line they are equal.")
    }
    page.newline()
  }

  func addWorst(of findings: ValidationFindings, to page: inout Markup) {
    guard !findings.worst.isEmpty else { return }
    page.element(
      "p", "The samples of the validation set with the greatest losses, the greatest first.")
    page.element("div", ["class": "tiles"]) { page in
      for sample in findings.worst {
        page.element("figure", ["class": Self.style(of: sample)]) { page in
          Self.add(sample.content, of: sample, to: &page)
          page.element("figcaption") { page in
            page.element("dl") { page in
              Self.pair("true", sample.truth, to: &page)
              let share = sample.probability.map { " (\($0.asPercent))" } ?? ""
              Self.pair("answer", sample.answer + share, to: &page)
              Self.pair("loss", sample.loss.asShortNumber, to: &page)
              Self.pair("sample", sample.index.grouped, to: &page)
            }
          }
        }
        page.newline()
      }
    }
  }

  private static func style(of sample: WorstSample) -> String {
    switch sample.content {
    case .picture: "tile"
    case .row, .text: "tile broad"
    }
  }

  private static func add(
    _ content: WorstSample.Content, of sample: WorstSample, to page: inout Markup
  ) {
    switch content {
    case .picture(let png):
      page.picture(
        png,
        alternative: "sample \(sample.index): true \(sample.truth), answer \(sample.answer)",
        style: "picture pixels")
    case .row(let values):
      page.element("dl", ["class": "row"]) { page in
        for (name, value) in values { pair(name, value, to: &page) }
      }
    case .text(let text): page.element("pre", ["tabindex": "0"], text)
    }
  }

  private static func pair(_ name: String, _ value: String, to page: inout Markup) {
    // A long value stands below its name.
    page.element("div", value.count > 30 ? ["class": "long"] : [:]) { page in
      page.element("dt", name)
      page.element("dd", value)
    }
  }
}
