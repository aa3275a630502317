/// Cells in the colours of a page's style: a path for each colour, with a line for each run of
/// equal cells of a row.
package struct HeatMap: Sendable {
  package let rows: Int
  package let columns: Int
  /// A level for each cell, row by row; 0 is drawn in no colour.
  package let levels: [Int]

  /// The number of colours on either side of 0: classes `p1` to `p10`, and `n1` to `n10`.
  package static let steps = 10

  /// Cells from -1 to 1; those that are greater or smaller have the last colours.
  package init(rows: Int, columns: Int, values: some Collection<Float>) {
    self.rows = rows
    self.columns = columns
    levels = values.map { Self.level(of: $0) }
    precondition(levels.count == rows * columns, "a value for each cell")
  }

  package static func level(of value: Float) -> Int {
    guard value.isFinite else { return 0 }
    return Int((min(max(value, -1), 1) * Float(steps)).rounded())
  }

  /// The cells, each a unit wide and high, from the place 0, 0.
  package var svg: Markup {
    var paths: [Int: String] = [:]
    for row in 0..<rows {
      var column = 0
      while column < columns {
        let level = levels[row * columns + column]
        var end = column + 1
        while end < columns, levels[row * columns + end] == level { end += 1 }
        if level != 0 { paths[level, default: ""] += "M\(column) \(row)h\(end - column)" }
        column = end
      }
    }
    var svg = Markup()
    svg.element("g", ["class": "cells", "transform": "translate(0 0.5)"]) { svg in
      for (level, path) in paths.sorted(by: { $0.key < $1.key }) {
        svg.empty("path", ["class": level > 0 ? "p\(level)" : "n\(-level)", "d": path])
      }
    }
    return svg
  }
}
