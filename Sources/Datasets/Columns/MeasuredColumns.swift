internal import Configuration
internal import Diagnostics

/// The columns of a training file while it is read.
///
/// Columns of one kind come after each other, so that a field costs no look-up of its kind.
struct MeasuredColumns {
  private var numbers: [MeasuredColumn<NumberColumn.Learner>] = []
  private var categories: [MeasuredColumn<CategoryColumn.Learner>] = []
  private var embedded: [MeasuredColumn<EmbeddedColumn.Learner>] = []
  private var dates: [MeasuredColumn<DateColumn.Learner>] = []
  private var words: [MeasuredColumn<WordsColumn.Learner>] = []

  init(
    _ header: [String], _ roles: [CSVSettings.Role], _ settings: CSVSettings, standardises: Bool
  ) {
    for (column, role) in roles.enumerated() {
      let policy = settings.policy(of: header[column], role)
      func measured<Learner>(_ learner: Learner) -> MeasuredColumn<Learner> {
        MeasuredColumn(column, header[column], role, policy, learner)
      }
      switch role {
      case .number:
        numbers.append(
          measured(NumberColumn.Learner(policy ?? .error, standardises: standardises)))
      case .category: categories.append(measured(CategoryColumn.Learner(policy ?? .error)))
      case .embedded: embedded.append(measured(EmbeddedColumn.Learner(policy)))
      case .date:
        dates.append(measured(DateColumn.Learner(policy ?? .error, standardises: standardises)))
      case .words(let settings):
        words.append(
          measured(WordsColumn.Learner(size: settings.vocabulary, settings.weighting, policy)))
      case .label, .target, .text, .translation, .weight, .ignored: break
      }
    }
  }

  /// Learns from a record; fields that cannot be read are noted.
  mutating func learn(from row: CSVRow, noting problems: inout CSVProblems) throws(Failure) {
    try Self.learn(from: row, &numbers, noting: &problems)
    try Self.learn(from: row, &categories, noting: &problems)
    try Self.learn(from: row, &embedded, noting: &problems)
    try Self.learn(from: row, &dates, noting: &problems)
    try Self.learn(from: row, &words, noting: &problems)
  }

  @inline(__always)
  private static func learn<Learner>(
    from row: CSVRow, _ columns: inout [MeasuredColumn<Learner>], noting problems: inout CSVProblems
  ) throws(Failure) {
    var columns = columns.mutableSpan
    for place in columns.indices {
      do throws(Failure) { try columns[place].learn(from: row) } catch {
        try problems.note(error, columns[place].column, of: row)
      }
    }
  }

  /// What was learned, in the order of the columns, which uses it up.
  mutating func features(
    _ settings: CSVSettings, of records: CSVRecords
  ) throws(Failure) -> [CSVColumns.Feature] {
    var features: [(column: Int, feature: CSVColumns.Feature)] = []
    func add<Learner>(_ columns: inout [MeasuredColumn<Learner>]) throws(Failure) {
      for place in columns.indices {
        features.append(
          (columns[place].column, try columns[place].feature(settings, of: records)))
      }
    }
    try add(&numbers)
    try add(&categories)
    try add(&embedded)
    try add(&dates)
    try add(&words)
    return features.sorted { $0.column < $1.column }.map(\.feature)
  }
}

/// A column of a training file while it is read.
private struct MeasuredColumn<Learner: ColumnLearner> {
  let column: Int
  private let name: String
  private let role: CSVSettings.Role
  private var learner: Learner
  /// Nil where a missing value stays one.
  private let policy: MissingPolicy?
  private var missing = 0

  init(
    _ column: Int, _ name: String, _ role: CSVSettings.Role, _ policy: MissingPolicy?,
    _ learner: Learner
  ) {
    self.column = column
    self.name = name
    self.role = role
    self.policy = policy
    self.learner = learner
  }

  @inline(__always)
  mutating func learn(from row: CSVRow) throws(Failure) {
    guard row[column].isMissing else { return try learner.learn(column, of: row) }
    try noteMissing(in: row)
  }

  private mutating func noteMissing(in row: CSVRow) throws(Failure) {
    missing += 1
    let isWords = role == .category || role == .embedded
    switch policy {
    case nil, .most_frequent: return
    case .mean where !isWords, .median where !isWords: return
    case .mean, .median, .drop, .error:
      let field = row[column]
      throw row.failure(
        column,
        "has no value\(field.isEmpty ? "" : " ('\(field.shown)')"): complete or remove the record, or "
          + "set missing: {\(name.clipped): \(isWords ? MissingPolicy.most_frequent : .median)}")
    }
  }

  mutating func feature(
    _ settings: CSVSettings, of records: CSVRecords
  ) throws(Failure) -> CSVColumns.Feature {
    guard let content = learner.content(missing: missing) else {
      let isText = if case .words = role { true } else { false }
      throw records.failure(
        "column '\(name)' has no \(isText ? "word of two letters or more" : "value") in all records "
          + "for training, of which this is the last: leave it out by ignore: [\(name)]")
    }
    return CSVColumns.Feature(
      name: name, content: content,
      hasIndicator: settings.indicators.include(name, isMissing: missing > 0))
  }
}
