internal import Charts
internal import Diagnostics
internal import Reports

/// A confusion matrix: a table of numbers up to twenty classes, coloured cells up to a hundred, and
/// the classes that are confused most.
struct ConfusionFigure {
  static let limit = 100
  private static let tableLimit = 20
  private static let listed = 10

  let matrix: ConfusionMatrix

  func add(to page: inout Markup) {
    page.element("h3", "Confusion matrix")
    page.element(
      "p", "A row for each true class, a column for each answer; coloured by the share of the row.")
    page.element("div", ["class": "wide"]) { page in
      if matrix.names.count <= Self.tableLimit { addTable(to: &page) } else { addCells(to: &page) }
    }
    page.newline()
    addMistakes(to: &page)
    if matrix.names.count > Self.tableLimit { addClasses(to: &page) }
  }

  private func addTable(to page: inout Markup) {
    page.element("table", ["class": "confusion"]) { page in
      page.element("caption", "Number of samples by true class and answer")
      page.element("thead") { page in
        page.element("tr") { page in
          page.element("th", ["scope": "col"], "true class")
          for name in matrix.names { page.element("th", ["scope": "col"], name) }
          page.element("th", ["scope": "col"], "recall")
        }
      }
      page.element("tbody") { page in
        for (row, name) in matrix.names.enumerated() {
          page.element("tr") { page in
            page.element("th", ["scope": "row"], name)
            let samples = matrix.samples(of: row)
            for (column, count) in matrix.counts[row].enumerated() {
              page.element(
                "td",
                [
                  "class": style(count, of: samples, isRight: row == column),
                  "title": title(count, of: samples, row, column),
                ], count == 0 ? "·" : count.grouped)
            }
            page.element("td", ["class": "share"], share(matrix.recall(of: row)))
          }
        }
      }
      page.element("tfoot") { page in
        page.element("tr") { page in
          page.element("th", ["scope": "row"], "precision")
          for column in matrix.names.indices {
            page.element("td", ["class": "share"], share(matrix.precision(of: column)))
          }
          page.element("td", "")
        }
      }
    }
  }

  private func share(_ value: Double?) -> String { value?.asPercent ?? "none" }

  private func title(_ count: Int, of samples: Int, _ row: Int, _ column: Int) -> String {
    let share = samples > 0 ? " of \(samples.grouped)" : ""
    return "\(matrix.names[row]) answered as \(matrix.names[column]): \(count.grouped)\(share)"
  }

  private func style(_ count: Int, of samples: Int, isRight: Bool) -> String {
    guard count > 0, samples > 0 else { return "none" }
    let level = max(1, Int((10 * Double(count) / Double(samples)).rounded()))
    return "\(isRight ? "right" : "wrong")\(level)"
  }

  private func addCells(to page: inout Markup) {
    let count = matrix.names.count
    var values: [Float] = []
    for (row, counts) in matrix.counts.enumerated() {
      let samples = Float(max(1, matrix.samples(of: row)))
      for (column, count) in counts.enumerated() {
        // Any sample shows; right answers have the other colour.
        let share = count > 0 ? max(Float(count) / samples, 0.06) : 0
        values.append(row == column ? -share : share)
      }
    }
    page.element(
      "svg",
      [
        "viewBox": "-0.5 -0.5 \(count + 1) \(count + 1)", "class": "heat square", "role": "img",
        "aria-labelledby": "confusion-title", "aria-describedby": "confusion-about",
      ]
    ) { svg in
      svg.element("title", ["id": "confusion-title"], "Confusion matrix of \(count) classes")
      svg.element(
        "desc", ["id": "confusion-about"],
        "True classes from top to bottom, answers from left to right, in the order of the table"
          + " below. Right answers are on the diagonal.")
      svg.empty(
        "rect", ["class": "ground", "x": "0", "y": "0", "width": "\(count)", "height": "\(count)"])
      svg.add(HeatMap(rows: count, columns: count, values: values).svg)
    }
  }

  private func addMistakes(to page: inout Markup) {
    var mistakes: [(row: Int, column: Int, count: Int)] = []
    for (row, counts) in matrix.counts.enumerated() {
      for (column, count) in counts.enumerated() where row != column && count > 0 {
        mistakes.append((row, column, count))
      }
    }
    guard !mistakes.isEmpty else { return }
    mistakes.sort { ($1.count, $0.row, $0.column) < ($0.count, $1.row, $1.column) }
    page.element("details") { page in
      page.element("summary", "Most frequent mistakes")
      page.table(
        "numbers", headings: ["true class", "answer", "samples", "of the class"],
        rows: mistakes.prefix(Self.listed).map { mistake in
          [
            matrix.names[mistake.row], matrix.names[mistake.column], mistake.count.grouped,
            (Double(mistake.count) / Double(matrix.samples(of: mistake.row))).asPercent,
          ]
        })
    }
    page.newline()
  }

  private func addClasses(to page: inout Markup) {
    page.element("details") { page in
      page.element("summary", "Recall and precision of each class")
      page.table(
        "numbers", headings: ["class", "samples", "recall", "precision"],
        rows: matrix.names.indices.map { label in
          [
            matrix.names[label], matrix.samples(of: label).grouped,
            share(matrix.recall(of: label)), share(matrix.precision(of: label)),
          ]
        })
    }
    page.newline()
  }
}
