internal import Charts
internal import Diagnostics
internal import Reports
package import RunFiles

/// Several runs on one page: their curves over each other, and what they differ in.
///
/// Runs of different tasks stand side by side: a metric shows the runs that have it.
package struct ComparisonPage: Sendable {
  let records: [RunRecord]
  /// The last component of each path, or all of it where that is not enough.
  let names: [String]

  package init(_ records: [RunRecord]) {
    self.records = records
    let short = records.map(\.name)
    names = records.map { record in
      short.filter { $0 == record.name }.count == 1 ? record.name : record.path
    }
  }

  /// The page.
  package var html: String {
    var data = PageData(records)
    var curves = Markup()
    addCurves(to: &curves, &data)
    let title = records.count == 1 ? "1 run" : "\(records.count) runs"
    return Page.html(title: "\(title): \(names.joined(separator: ", "))", data: data) { page in
      page.element("header") { page in
        page.element("h1", title)
        page.element("ul", ["class": "runs"]) { page in
          for (run, record) in records.enumerated() { addRun(run, record, to: &page) }
        }
      }
      page.newline()
      page.element("main") { page in
        page.section("table", "Results and settings", addTable)
        if !curves.text.isEmpty {
          page.section("curves", "Curves") { page in
            page.element("p", "Validation is drawn through, training dashed.")
            page.add(curves)
          }
        }
      }
      page.newline()
    }
  }

  /// The class of a run's colour.
  private func style(of run: Int) -> String { "s\(run % 8 + 1)" }

  private func addRun(_ run: Int, _ record: RunRecord, to page: inout Markup) {
    let outcome = RunPage.Outcome(record, isRunning: false)
    page.element("li") { page in
      page.element("span", ["class": "key \(style(of: run))"], "")
      page.element("strong", names[run])
      page.element("span", ["class": "badge \(outcome.style)"], outcome.word)
      if !outcome.message.isEmpty { page.element("span", ["class": "about"], outcome.message) }
      for note in record.notes { page.element("span", ["class": "about open"], note) }
    }
  }

  // MARK: Curves

  private func addCurves(to page: inout Markup, _ data: inout PageData) {
    var names: [String] = []
    for record in records {
      for name in record.metrics.curves.map(\.name)
      where !names.contains(name) && !MetricsSeries.isRate(name) {
        names.append(name)
      }
    }
    names += ["learning_rate", "gradient_norm", "samples_per_second"]
    var figures: [ChartFigure] = []
    for name in names {
      let curves = records.indices.flatMap { self.curves(of: name, run: $0) }
      guard !curves.isEmpty else { continue }
      figures.append(
        ChartFigure(
          identifier: "chart-\(figures.count)", name: name, curves: curves, marksBest: false))
    }
    guard !figures.isEmpty else { return }
    page.element("div", ["class": "charts"]) { page in
      for figure in figures { figure.add(to: &page, &data) }
    }
  }

  /// The curves of epochs; those of steps where a run has no others.
  private func curves(of name: String, run: Int) -> [PageData.Curve] {
    func curve(_ split: MetricsLine.Split, _ kind: String) -> PageData.Curve? {
      guard let curve = records[run].metrics[split, name],
        curve.points.contains(where: { $0.value.isFinite })
      else { return nil }
      return PageData.Curve(
        name: "\(names[run]), \(split.title)", style: "\(style(of: run))\(kind)", run: run,
        curve: curve)
    }
    let ofEpochs = [curve(.train, " dashed"), curve(.validation, ""), curve(.test, "")]
      .compactMap(\.self)
    return ofEpochs.isEmpty ? [curve(.step, " step-line")].compactMap(\.self) : ofEpochs
  }

  // MARK: The table

  /// A column: its heading, and for each run what is shown and what it is sorted by.
  private struct Column {
    let heading: String
    let cells: [Cell]
    /// Whether a greater value is better; nil where none is.
    var isBetterWhenGreater: Bool?

    struct Cell {
      let text: String
      var value: Double?
    }

    /// The places of the best values; none where all are equal.
    var best: Set<Int> {
      let values = cells.enumerated().compactMap { place, cell in
        cell.value.map { (place: place, value: $0) }
      }
      guard let isBetterWhenGreater,
        let low = values.map(\.value).min(), let high = values.map(\.value).max(), low < high
      else { return [] }
      let best = isBetterWhenGreater ? high : low
      return Set(values.filter { $0.value == best }.map(\.place))
    }
  }

  private func addTable(to page: inout Markup) {
    let differences = SettingDifferences(records.map(\.configuration))
    let settings = columns(of: differences)
    let columns = results(areOfOneTask: differences.areOfOneTask) + settings
    page.element("div", ["class": "wide", "tabindex": "0"]) { page in
      page.element("table", ["class": "sortable compare"]) { page in
        page.element("thead") { page in
          page.element("tr") { page in
            page.element("th", ["scope": "col"], "run")
            for column in columns { page.element("th", ["scope": "col"], column.heading) }
          }
        }
        page.element("tbody") { page in
          let best = columns.map(\.best)
          for run in records.indices {
            page.element("tr") { page in
              page.element("th", ["scope": "row"]) { page in
                page.element("span", ["class": "key \(style(of: run))"], "")
                page.write(" " + names[run])
              }
              for (place, column) in columns.enumerated() {
                add(column.cells[run], isBest: best[place].contains(run), to: &page)
              }
            }
          }
        }
      }
    }
    page.element(
      "p", ["class": "about"],
      settings.isEmpty
        ? "The configurations do not differ."
        : "Of the settings, those that differ. Best values are of the validation set, or of"
          + " training where there is none.")
  }

  private func add(_ cell: Column.Cell, isBest: Bool, to page: inout Markup) {
    var attributes: [(key: String, value: String)] = []
    if let value = cell.value { attributes.append(("data-value", value.description)) }
    if isBest { attributes.append(("class", "best")) }
    // A long text is cut, and whole under the pointer.
    if cell.text.count > 40 { attributes.append(("title", cell.text)) }
    page.element("td", computed: attributes) { $0.write(cell.text) }
  }

  /// Only values of the same task have a best one.
  private func results(areOfOneTask isOneTask: Bool) -> [Column] {
    var columns: [Column] = []
    var names: [String] = []
    for record in records {
      for name in record.metrics.names where !names.contains(name) { names.append(name) }
    }
    for name in names {
      let figures = records.map { Figure(name, of: $0.metrics) }
      guard figures.contains(where: { $0 != nil }) else { continue }
      let isBetter = isOneTask ? Metric.isBetterWhenGreater(name) : nil
      if figures.contains(where: { $0?.best != nil }) {
        columns.append(
          Column(
            heading: "best \(name)",
            cells: figures.map { figure in
              Column.Cell(
                text: figure?.best.map { Figure.text($0.value, of: name) } ?? "",
                value: figure?.best?.value)
            }, isBetterWhenGreater: isBetter))
      }
      columns.append(
        Column(
          heading: "last \(name)",
          cells: figures.map { figure in
            Column.Cell(
              text: figure.map { Figure.text($0.last.value, of: name) } ?? "",
              value: figure.flatMap { $0.last.value.isFinite ? $0.last.value : nil })
          }, isBetterWhenGreater: isBetter))
    }
    columns.append(
      Column(
        heading: "epochs",
        cells: records.map { record in
          Column.Cell(text: record.epochs.grouped, value: Double(record.epochs))
        }))
    columns.append(
      Column(
        heading: "time",
        cells: records.map { record in
          let seconds = record.secondsOfTraining
          return Column.Cell(text: seconds?.asDuration ?? "", value: seconds)
        }))
    return columns
  }

  private func columns(of differences: SettingDifferences) -> [Column] {
    differences.settings.map { setting in
      Column(
        heading: setting.key,
        cells: setting.values.map { value in
          Column.Cell(text: value ?? "", value: value.flatMap { Double($0) })
        })
    }
  }
}
