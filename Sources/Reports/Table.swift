internal import Diagnostics

/// A text table with aligned columns, titles and rules.
package struct Table: CustomStringConvertible, Sendable {
  package enum Alignment: Sendable { case left, right }

  package struct Column: Sendable {
    let title: String
    let alignment: Alignment
    /// The number of spaces before the column.
    let gap: Int

    /// Returns a left-aligned column.
    package static func left(_ title: String) -> Column {
      Column(title: title, alignment: .left, gap: 2)
    }

    /// Returns a right-aligned column.
    package static func right(_ title: String, gap: Int = 2) -> Column {
      Column(title: title, alignment: .right, gap: gap)
    }
  }

  private enum Row { case cells([String]), rule }

  private let columns: [Column]
  private var rows: [Row] = []

  package init(_ columns: [Column]) { self.columns = columns }

  /// Adds a row, with one cell per column.
  package mutating func add(_ cells: [String]) {
    precondition(cells.count == columns.count, "one cell per column")
    rows.append(.cells(cells.map(\.printable)))
  }

  /// Adds a horizontal line.
  package mutating func addRule() { rows.append(.rule) }

  /// The lines of the table, without trailing spaces.
  package var lines: [String] {
    let titles = columns.map(\.title.printable)
    let widths = columns.indices.map { i in
      rows.reduce(titles[i].displayWidth) { width, row in
        if case .cells(let cells) = row { max(width, cells[i].displayWidth) } else { width }
      }
    }
    return ([.cells(titles), .rule] + rows).map { row in
      let cells =
        switch row {
        case .cells(let cells):
          columns.indices.map { cells[$0].padded(to: widths[$0], columns[$0].alignment) }
        case .rule: widths.map { String(repeating: "─", count: $0) }
        }
      var line = cells[0]
      for (cell, column) in zip(cells, columns).dropFirst() {
        line += String(repeating: " ", count: column.gap) + cell
      }
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }

  package var description: String { lines.joined(separator: "\n") }
}
