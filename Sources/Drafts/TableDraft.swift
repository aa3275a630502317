internal import Datasets
internal import Diagnostics
internal import Files

/// What a table is taken for: a role for each column, and what is to be predicted.
struct TableDraft {
  let path: String
  let table: TableSummary
  let roles: [ColumnRole]
  let outcome: Outcome

  /// `targets` are the columns to predict; none: guessed.
  init(_ path: String, targets: [String]) throws(Failure) {
    self.path = path
    let table = try TableSummary(of: path)
    self.table = table
    func failure(_ problem: String) -> Failure { Failure(.badData, "'\(path)': \(problem)") }
    guard table.records > 0 else { throw failure("holds a header and no record") }
    let names = table.columns.map(\.name)
    for name in targets where !names.contains(name) {
      throw Failure(
        .usage,
        "--target: '\(path)' has no column '\(name)'\(Suggestion.hint(for: name, among: names))")
    }
    var roles = table.columns.map { ColumnRole($0, records: table.records) }
    let chosen =
      targets.isEmpty
      ? [try Self.guess(table, roles, failure)]
      : targets.compactMap { name in names.firstIndex(of: name) }
    for place in chosen {
      let column = table.columns[place]
      guard column.values?.count != 1, column.missing < table.records else {
        throw failure(
          "column '\(column.name)' has the same value in all records, so there is nothing to"
            + " learn: name another one by --target")
      }
      roles[place] = column.holdsClasses && chosen.count == 1 ? .label : .target
    }
    let column = table.columns[chosen[0]]
    if roles[chosen[0]] == .label {
      guard let values = column.values, 2 * values.count <= table.records else {
        throw failure(
          "column '\(column.name)' has a different word in nearly every record: name the column to"
            + " predict by --target")
      }
      outcome = .classes(values.count, fewest: values.map(\.records).min() ?? 0)
    } else {
      for place in chosen {
        guard case .numbers = table.columns[place].content else {
          throw failure(
            "column '\(names[place])' holds no numbers: several targets are real numbers, a single"
              + " one may hold classes")
        }
      }
      outcome = .numbers(chosen.count)
    }
    self.roles = roles
    guard roles.contains(where: { $0.width > 0 }) else {
      throw failure("no column is left to learn from beside '\(column.name)'")
    }
  }

  /// The column that is probably to be predicted: one with a usual name, or the last that says
  /// something.
  private static func guess(
    _ table: TableSummary, _ roles: [ColumnRole], _ failure: (String) -> Failure
  ) throws(Failure) -> Int {
    func canBePredicted(_ place: Int) -> Bool {
      switch roles[place] {
      case .number, .category: true
      case .embedded, .date, .text, .label, .target, .part, .ignored: false
      }
    }
    let usual = ["target", "label", "class", "y", "outcome", "response"]
    let places = table.columns.indices.filter(canBePredicted)
    let named = usual.lazy.compactMap { name in
      places.first { table.columns[$0].name.lowercased() == name }
    }.first
    guard let place = named ?? places.last else {
      throw failure(
        "no column holds numbers or repeated words that could be predicted: name one by --target")
    }
    return place
  }

  /// The columns with a role.
  func columns(_ isTaken: (ColumnRole) -> Bool) -> [TableSummary.Column] {
    zip(table.columns, roles).filter { isTaken($0.1) }.map(\.0)
  }

  var targets: [TableSummary.Column] { columns { $0 == .label || $0 == .target } }

  /// The embedded columns as a model names them.
  var embedded: [(name: String, field: String, size: Int)] {
    zip(table.columns, roles).compactMap { column, role in
      guard case .embedded(let words) = role else { return nil }
      let field = EmbeddedColumn.fieldName(of: column.name)
      return (column.name, field, ColumnRole.vectorSize(of: words))
    }
  }

  /// Whether some record lacks a value that the network reads or predicts.
  var isIncomplete: Bool {
    zip(table.columns, roles).contains { $0.missing > 0 && $1.isRead }
  }
}

extension ColumnRole {
  /// Whether the column is read in training.
  var isRead: Bool { width > 0 || self == .label || self == .target }
}
