internal import Datasets
internal import Diagnostics
internal import Files

extension TableDraft {
  /// The lines of `data`, with what each column was taken for.
  var dataLines: [CommentedLine] {
    var lines: [CommentedLine] = [
      "data:", "  dataset:", "    csv:", "      training: \(yaml(baseName(path)))",
    ]
    func add(_ text: String, _ comment: String) { lines.append(CommentedLine(text, comment)) }
    let names = targets.map(\.name)
    if roles.contains(.label) {
      add("      label: \(yaml(names[0]))", classes)
    } else {
      add("      targets: \(yaml(names))", "real numbers, standardised for the loss alone")
    }
    addLists(add)
    if isIncomplete { addMissing(add) }
    return lines + splitLines
  }

  private var classes: String {
    let values = targets[0].values ?? []
    return values.prefix(8).map { "\($0.value) \($0.records.grouped)" }.joined(separator: ", ")
      + (values.count > 8 ? ", …" : "") + " records"
  }

  private func addLists(_ add: (String, String) -> Void) {
    func list(_ key: String, _ comment: String, _ isTaken: (ColumnRole) -> Bool) {
      let names = columns(isTaken).map(\.name)
      if !names.isEmpty { add("      \(key): \(yaml(names))", comment) }
    }
    list("categorical", "words: each becomes a feature") {
      if case .category = $0 { true } else { false }
    }
    list("embedded", "many words: each becomes a vector that is learned") {
      if case .embedded = $0 { true } else { false }
    }
    list("dates", "days, and where in the year and the week they are") { $0 == .date }
    let texts = columns { $0 == .text }
    if !texts.isEmpty {
      add("      words:", "free text: its most frequent words, weighted by TF-IDF")
      for text in texts {
        add("        - {column: \(yaml(text.name)), vocabulary: \(ColumnRole.vocabulary)}", "")
      }
    }
    let ignored = zip(table.columns, roles).filter { if case .ignored = $1 { true } else { false } }
    guard !ignored.isEmpty else { return }
    add("      ignore:", "what teaches nothing")
    for case (let column, .ignored(let reason)) in ignored {
      add("        - \(yaml(column.name))", reason)
    }
  }

  private func addMissing(_ add: (String, String) -> Void) {
    add("      missing:", "what stands in for missing values, learned from the training set")
    for (column, role) in zip(table.columns, roles) where column.missing > 0 && role.isRead {
      let rule =
        switch role {
        case .number, .date: "median"
        case .category, .embedded: "most_frequent"
        case .label, .target: "drop"
        case .text, .part, .ignored: ""
        }
      if !rule.isEmpty {
        add("        \(yaml(column.name)): \(rule)", "\(column.missing.grouped) missing")
      }
    }
    add("      indicators: true", "a feature says where a value was missing")
  }

  private var splitLines: [CommentedLine] {
    if let part = columns({ $0 == .part }).first {
      return [
        CommentedLine(
          "  split: {column: \(yaml(part.name))}", "train, validation or test of each record")
      ]
    }
    var lines: [CommentedLine] = [.testShare, .validationShare]
    if outcome.isStratified { lines.append(.stratified) }
    return lines
  }
}
