internal import Diagnostics

/// A list of named values, texts and tables, printed as lines of text or as a JSON object.
package struct Report: Sendable {
  private enum Part: Sendable {
    case value(JSONValue)
    case text(String)
    case table(columns: [String], rows: [[JSONValue]])
  }

  private var parts: [(name: String, part: Part)] = []

  package init() {}

  package mutating func add(_ name: String, _ value: JSONValue) {
    parts.append((name, .value(value)))
  }

  /// Adds a text of several lines.
  package mutating func add(_ name: String, text: String) { parts.append((name, .text(text))) }

  /// Adds a table; each row has one value per column.
  package mutating func add(_ name: String, columns: [String], rows: [[JSONValue]]) {
    precondition(rows.allSatisfy { $0.count == columns.count }, "one value per column")
    parts.append((name, .table(columns: columns, rows: rows)))
  }

  package var json: JSONValue {
    .object(
      parts.map { name, part in
        switch part {
        case .value(let value): (name, value)
        case .text(let text): (name, .string(text))
        case .table(let columns, let rows):
          (name, .array(rows.map { .object(Array(zip(columns, $0))) }))
        }
      })
  }

  /// The report as text: a value beside its name, a table or text below its name.
  package var lines: [String] {
    let width = parts.reduce(0) { width, entry in
      values(entry.name, entry.part).reduce(width) { max($0, $1.name.displayWidth) }
    }
    return parts.flatMap { name, part -> [String] in
      switch part {
      case .value:
        return values(name, part).map { name, value in
          let space = String(repeating: " ", count: width - name.displayWidth)
          return "\(name)\(space)  \(value.plain)"
        }
      case .text(let text):
        return ["", "\(name):"] + text.split(whereSeparator: \.isNewline).map { "  \($0)" }
      case .table(let columns, let rows):
        return ["", "\(name):"] + Self.table(columns, rows).lines.map { "  \($0)" }
      }
    }
  }

  /// Returns a value with its name; for an object, its members.
  private func values(_ name: String, _ part: Part) -> [(name: String, value: JSONValue)] {
    switch part {
    case .value(.object(let members)): members.map { ($0.0.printable, $0.1) }
    case .value(let value): [(name.printable, value)]
    case .text, .table: []
    }
  }

  private static func table(_ columns: [String], _ rows: [[JSONValue]]) -> Table {
    var table = Table(
      columns.indices.map { column in
        rows.contains { $0[column].isNumber } ? .right(columns[column]) : .left(columns[column])
      })
    for row in rows { table.add(row.map(\.plain)) }
    return table
  }
}

extension Console {
  /// Prints a report as lines of text, or as one line of JSON.
  package func print(_ report: Report, asJSON: Bool) {
    for line in asJSON ? [report.json.description] : report.lines { print(line) }
  }
}

extension JSONValue {
  fileprivate var isNumber: Bool {
    switch self {
    case .integer, .number: true
    default: false
    }
  }

  /// The value as text: numbers are short, shapes are `32x16x3x3`.
  fileprivate var plain: String {
    switch self {
    case .string(let text): text.printable
    case .integer(let number): number.grouped
    case .number(let number): number.asShortNumber
    case .boolean(let isTrue): isTrue ? "yes" : "no"
    case .null: "-"
    case .array(let values):
      values.allSatisfy { if case .integer = $0 { true } else { false } }
        ? values.map(\.description).joined(separator: "x")
        : values.map(\.plain).joined(separator: ", ")
    case .object: description
    }
  }
}
