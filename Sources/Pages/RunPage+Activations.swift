internal import Charts
internal import Diagnostics
internal import Reports
internal import RunFiles

extension RunPage {
  /// The most cells of all maps together.
  private static let cellLimit = 200_000

  func addActivations(to page: inout Markup, _ data: inout PageData) {
    var cells = 0
    let maps = record.findings.activations.filter { map in
      guard !map.rows.isEmpty, !map.columns.isEmpty,
        map.values.count == map.rows.count * map.columns.count
      else { return false }
      cells += map.values.count
      return cells <= Self.cellLimit
    }
    guard !maps.isEmpty else { return }
    let hasCells = maps.contains { !$0.isAttention }
    let hasAttention = maps.contains(where: \.isAttention)
    if hasCells {
      page.element(
        "p",
        "Cells: a row for each unit, a column for each step; red is positive, blue negative, the"
          + " colour of the page 0.")
    }
    if hasAttention {
      page.element(
        "p",
        "Attention: a row for each token that attends, a column for each that it attends to; the"
          + " redder, the greater the weight.")
    }
    page.element("div", ["class": "maps"]) { page in
      for (place, map) in maps.enumerated() {
        add(map, identifier: "map-\(place)", to: &page, &data)
      }
    }
  }

  private func add(
    _ map: ActivationMap, identifier: String, to page: inout Markup, _ data: inout PageData
  ) {
    data.add(
      map: identifier, rows: map.rows, columns: map.columns,
      hundredths: map.values.map { $0.isFinite ? Int((100 * min(max($0, -99), 99)).rounded()) : 0 })
    let (rows, columns) = (map.rows.count, map.columns.count)
    page.element("figure", ["class": "map", "id": identifier]) { page in
      page.element("figcaption") { $0.element("h3", map.name) }
      page.element("div", ["class": "wide"]) { page in
        page.element(
          "svg",
          [
            "viewBox": "0 0 \(columns) \(rows)", "class": "heat", "role": "img",
            // A cell is 8 pixels wide, or narrower where there are many.
            "width": "\(8 * columns)", "height": "\(8 * rows)",
            "aria-labelledby": "\(identifier)-title", "aria-describedby": "\(identifier)-about",
          ]
        ) { svg in
          svg.element("title", ["id": "\(identifier)-title"], map.name)
          svg.element("desc", ["id": "\(identifier)-about"], description(of: map))
          svg.empty(
            "rect", ["class": "ground", "width": "\(columns)", "height": "\(rows)"])
          svg.add(HeatMap(rows: rows, columns: columns, values: map.values).svg)
        }
      }
      page.element("output", ["class": "readout"], "")
    }
    page.newline()
  }

  private func description(of map: ActivationMap) -> String {
    let values = map.values.filter(\.isFinite)
    let kind = map.isAttention ? "weights of attention" : "activations"
    let size = "\(map.rows.count) rows of \(map.columns.count) \(kind)"
    guard let low = values.min(), let high = values.max() else { return size + "." }
    return "\(size), from \(Double(low).formatted(2)) to \(Double(high).formatted(2))."
  }
}
