internal import Charts
internal import Diagnostics
internal import Reports
internal import RunFiles

extension RunPage {
  /// The most cells of all maps together.
  private static let cellLimit = 200_000

  func addActivations(to page: inout Markup, _ data: inout PageData) {
    var cells = 0
    let whole = record.findings.activations.filter { map in
      !map.rows.isEmpty && !map.columns.isEmpty
        && map.values.count == map.rows.count * map.columns.count
    }
    let maps = whole.prefix { map in
      cells += map.values.count
      return cells <= Self.cellLimit
    }
    guard !maps.isEmpty else { return }
    if maps.contains(where: { !$0.isAttention }) {
      page.element(
        "p",
        "Cells: a row for each unit, a column for each step; red is positive, blue negative, the"
          + " colour of the page 0.")
    }
    if maps.contains(where: \.isAttention) {
      page.element(
        "p",
        "Attention: a row for each token that attends, a column for each that it attends to; the"
          + " redder, the greater the root of the weight.")
    }
    if maps.count < whole.count {
      page.element("p", "The first \(maps.count) of \(whole.count.grouped) maps.")
    }
    page.element("div", ["class": "maps"]) { page in
      for (place, map) in maps.enumerated() {
        let figure = MapFigure(map: map, identifier: "map-\(place)")
        figure.add(to: &page)
        data.add(
          map: figure.identifier, rows: figure.rows, columns: figure.columns,
          hundredths: map.values.map { value in
            value.isFinite ? Int((100 * min(max(value, -99), 99)).rounded()) : 0
          })
      }
    }
  }
}

/// A heat map with the names of its rows and columns.
struct MapFigure {
  let map: ActivationMap
  let identifier: String
  /// Names in which white space shows.
  let rows: [String]
  let columns: [String]

  init(map: ActivationMap, identifier: String) {
    self.map = map
    self.identifier = identifier
    rows = map.rows.map(Self.visible)
    columns = map.columns.map(Self.visible)
  }

  /// White space of a token as a sign.
  private static func visible(_ name: String) -> String {
    name.replacing("\n", with: "\u{21b5}").replacing("\t", with: "\u{21e5}")
      .replacing(" ", with: name.contains { $0 != " " } && !name.hasPrefix(" ") ? " " : "\u{2423}")
  }

  /// The most characters of a name.
  private static let nameLimit = 12

  private static func short(_ name: String) -> String {
    name.count <= nameLimit ? name : "\(name.prefix(nameLimit - 1))\u{2026}"
  }

  func add(to page: inout Markup) {
    let size = columns.count <= 48 ? 14 : 10
    let (left, below) = (room(for: rows), room(for: columns))
    let (width, height) = (size * columns.count, size * rows.count)
    page.element("figure", ["class": "map", "id": identifier]) { page in
      page.element("figcaption") { $0.element("h3", map.name) }
      page.element("div", ["class": "wide"]) { page in
        page.element(
          "svg",
          [
            "viewBox": "0 0 \(left + width + 1) \(height + below)", "class": "heat",
            "width": "\(left + width + 1)", "height": "\(height + below)", "role": "img",
            "aria-labelledby": "\(identifier)-title", "aria-describedby": "\(identifier)-about",
          ]
        ) { svg in
          svg.element("title", ["id": "\(identifier)-title"], map.name)
          svg.element("desc", ["id": "\(identifier)-about"], description)
          svg.element("g", ["transform": "translate(\(left) 0)"]) { svg in
            svg.empty("rect", ["class": "ground", "width": "\(width)", "height": "\(height)"])
            svg.element("g", ["transform": "scale(\(size))"]) { svg in
              svg.add(HeatMap(rows: rows.count, columns: columns.count, values: shades).svg)
            }
            addNames(to: &svg, size: size, height: height)
          }
        }
      }
      page.element("output", ["class": "readout"], "")
    }
    page.newline()
  }

  /// Weights of attention are shares of 1 over many steps: their roots tell small ones from 0.
  private var shades: [Float] {
    map.isAttention ? map.values.map { max($0, 0).squareRoot() } : map.values
  }

  /// The names of rows on the left, those of columns below; longer ones stand upright.
  private func addNames(to svg: inout Markup, size: Int, height: Int) {
    svg.element("g", ["class": "names rows"]) { svg in
      for (row, name) in rows.enumerated() {
        svg.element(
          "text", ["x": "-4", "y": "\(row * size + size / 2 + 3)"], Self.short(name))
      }
    }
    let isUpright = columns.contains { $0.count > 1 }
    svg.element("g", ["class": isUpright ? "names upright" : "names columns"]) { svg in
      for (column, name) in columns.enumerated() {
        let x = column * size + size / 2
        if isUpright {
          svg.element(
            "text",
            ["transform": "translate(\(x + 3) \(height + 4)) rotate(-90)"], Self.short(name))
        } else {
          svg.element("text", ["x": "\(x)", "y": "\(height + 11)"], name)
        }
      }
    }
  }

  /// The room that the longest name needs.
  private func room(for names: [String]) -> Int {
    let longest = names.map { min($0.count, Self.nameLimit) }.max() ?? 0
    return 8 + max(8, 6 * longest)
  }

  private var description: String {
    let values = map.values.filter(\.isFinite)
    let kind = map.isAttention ? "weights of attention" : "activations"
    let size = "\(rows.count) rows of \(columns.count) \(kind)"
    guard let low = values.min(), let high = values.max() else { return size + "." }
    return "\(size), from \(Double(low).formatted(2)) to \(Double(high).formatted(2))."
  }
}
