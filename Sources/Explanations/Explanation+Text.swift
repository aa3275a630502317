internal import Diagnostics
internal import Graphs

extension Explanation {
  /// The lines of the explanation, for a terminal.
  package var text: [String] {
    var lines = [title]
    for section in sections {
      lines += ["", section.title]
      lines += section.notes.map { "  \($0)" }
      let widths = section.table.first?.indices.map { column in
        section.table.map { $0[column].count }.max() ?? 0
      }
      lines += section.table.map { row in
        "  "
          + zip(row, widths ?? []).map { String(repeating: " ", count: $1 - $0.count) + $0 }
          .joined(separator: "  ")
      }
      for entry in section.entries { lines += entry.text }
    }
    return lines
  }
}

/// An equation of several sides; of equal neighbours one is written.
func equation(_ sides: [String]) -> String {
  sides.enumerated().filter { $0 == 0 || sides[$0 - 1] != $1 }.map(\.element)
    .joined(separator: " = ")
}

extension Explanation.Entry {
  fileprivate var text: [String] {
    var head = symbol.text()
    if let formula { head += " = \(formula.text())" }
    switch content {
    case .none: break
    case .summary(let shape, let least, let greatest, let norm):
      head += ", \(short(shape, least, greatest, norm))"
    case .elements(let elements):
      let lines = elements.map { element in
        equation([symbol.text(element.index)] + element.equals.map { $0.text() })
      }
      // A heading would repeat the lines.
      if formula == nil, reason == nil { return lines.map { "  \($0)" } }
      return ["  \(head)\(remark)"] + lines.map { "    \($0)" }
    }
    return ["  \(head)\(remark)"]
  }

  func short(_ shape: Shape, _ least: Double, _ greatest: Double, _ norm: Double) -> String {
    least == greatest
      ? "shape \(shape), all \(least.figure)"
      : "shape \(shape), from \(least.figure) to \(greatest.figure), norm \(norm.figure)"
  }

  private var remark: String { reason.map { "   (\($0))" } ?? "" }
}
