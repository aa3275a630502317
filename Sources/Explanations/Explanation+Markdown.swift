internal import Diagnostics
internal import Graphs

extension Explanation {
  /// The lines of the explanation in Markdown, formulas between dollar signs.
  package var markdown: [String] {
    var lines = ["# \(title)"]
    for section in sections {
      lines += ["", "## \(section.title)"]
      if !section.notes.isEmpty { lines += [""] + section.notes.map { "- `\($0)`" } }
      if let titles = section.table.first {
        let rows = [titles, titles.map { _ in "---:" }] + section.table.dropFirst()
        lines += [""] + rows.map { "| \($0.joined(separator: " | ")) |" }
      }
      for entry in section.entries { lines += [""] + entry.markdown }
    }
    return lines
  }
}

extension Explanation.Entry {
  fileprivate var markdown: [String] {
    let whole = ([symbol] + (formula.map { [$0] } ?? [])).map { $0.latex() }.joined(
      separator: " = ")
    let remark = reason.map { ": \($0)" } ?? ""
    switch content {
    case .none: return ["$\(whole)$\(remark)"]
    case .summary(let shape, let least, let greatest, let norm):
      return ["$\(whole)$\(remark); \(short(shape, least, greatest, norm))"]
    case .elements(let elements):
      let lines = elements.map { element in
        "- $\(equation([symbol.latex(element.index)] + element.equals.map { $0.latex() }))$"
      }
      if formula == nil, reason == nil { return lines }
      return ["$\(whole)$\(remark)", ""] + lines
    }
  }
}
