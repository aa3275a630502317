internal import Datasets
internal import Diagnostics
internal import Files

extension TableDraft {
  /// The configuration without its name.
  var lines: [CommentedLine] {
    // A test set is held out.
    let recipe = Recipe(samples: table.records * 85 / 100, outcome, inputLines: inputLines)
    return dataLines + [recipe.batchLine] + recipe.modelLines + recipe.trainingLines
  }

  /// Vectors of words beside the other features.
  private var inputLines: [CommentedLine] {
    guard !embedded.isEmpty else { return [] }
    var lines: [CommentedLine] = []
    for column in embedded {
      lines += [
        "  - embedding: {size: \(column.size), input: \(column.field)}",
        "  - flatten: {name: \(column.field)_vector}",
      ]
    }
    let names = ["samples"] + embedded.map { "\($0.field)_vector" }
    return lines + ["  - concat: {input: [\(names.joined(separator: ", "))]}"]
  }

  /// What the table holds, then a line for each column.
  var findings: [String] {
    let columns = table.columns.count
    let predicted = targets.map(\.name).joined(separator: ", ")
    let width = table.columns.map { $0.name.count }.max() ?? 0
    return [
      "\(baseName(path)): \(table.records.grouped) records of \(columns.grouped) columns, to"
        + " predict \(predicted)"
    ]
      + zip(table.columns, roles).map { column, role in
        "  \(column.name.padded(to: min(width, 30)))  \(role.description)"
          + (column.missing > 0 ? ", \(column.missing.grouped) missing" : "")
      }
  }
}

extension ColumnRole: CustomStringConvertible {
  var description: String {
    switch self {
    case .number: "numbers"
    case .category(let words): "\(words) words: categories"
    case .embedded(let words): "\(words.grouped) words: vectors of \(Self.vectorSize(of: words))"
    case .date: "dates"
    case .text: "texts: their most frequent words"
    case .label: "the classes to predict"
    case .target: "the numbers to predict"
    case .part: "the set of each record"
    case .ignored(let reason): "ignored: \(reason)"
    }
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
