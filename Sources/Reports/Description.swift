internal import Diagnostics

/// Something that is described: lines for people, an object for programs.
package struct Description: Sendable {
  private enum Part: Sendable {
    case fact(JSONValue)
    case text(String)
    case table(columns: [String], rows: [[JSONValue]])
  }

  private var parts: [(name: String, part: Part)] = []

  package init() {}

  package mutating func add(_ name: String, _ value: JSONValue) {
    parts.append((name, .fact(value)))
  }

  /// Adds lines that are shown as they are.
  package mutating func add(_ name: String, text: String) { parts.append((name, .text(text))) }

  /// Adds rows of one value a column.
  package mutating func add(_ name: String, columns: [String], rows: [[JSONValue]]) {
    precondition(rows.allSatisfy { $0.count == columns.count }, "one value a column")
    parts.append((name, .table(columns: columns, rows: rows)))
  }

  package var json: JSONValue {
    .object(
      parts.map { name, part in
        switch part {
        case .fact(let value): (name, value)
        case .text(let text): (name, .string(text))
        case .table(let columns, let rows):
          (name, .array(rows.map { .object(Array(zip(columns, $0))) }))
        }
      })
  }

  /// Facts beside their names; tables and texts below theirs.
  package var lines: [String] {
    let width = parts.reduce(0) { width, entry in
      facts(entry.name, entry.part).reduce(width) { max($0, $1.name.displayWidth) }
    }
    return parts.flatMap { name, part -> [String] in
      switch part {
      case .fact:
        return facts(name, part).map { name, value in
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

  /// A fact, or the members of an object, each of which is one.
  private func facts(_ name: String, _ part: Part) -> [(name: String, value: JSONValue)] {
    switch part {
    case .fact(.object(let members)): members.map { ($0.0.printable, $0.1) }
    case .fact(let value): [(name.printable, value)]
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

extension JSONValue {
  fileprivate var isNumber: Bool {
    switch self {
    case .integer, .number: true
    default: false
    }
  }

  /// The value as a person reads it: figures are short, shapes are `32x16x3x3`.
  fileprivate var plain: String {
    switch self {
    case .string(let text): text.printable
    case .integer(let number): number.grouped
    case .number(let number): number.asFigure
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
