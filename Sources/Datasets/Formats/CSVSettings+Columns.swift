internal import Configuration
internal import Diagnostics

/// What the columns of a table become.
extension CSVSettings {
  static let columnKeys = [
    Key(
      "categorical", .list(of: .text), default: "[]",
      help: "columns of words: each word becomes a feature that is 1 or 0"),
    Key(
      "embedded", .list(of: .text), default: "[]",
      help:
        "columns of words whose numbers become a field of the data, for a layer embedding: 1 for"
        + " the first word, 0 for one that training lacks"),
    Key(
      "dates", .list(of: .text), default: "[]",
      help: "columns of dates or times: the days since 2000, and sine and cosine of the year, the"
        + " week and, where there are clock times, the day"),
    Key(
      "words", .list(of: .record(wordsRecord), count: 0...100), default: "[]",
      help: "columns of texts whose words become features"),
    Key(
      "missing", MissingValues.kind, default: "error",
      help: "what a missing value becomes: a mean, median or most frequent value of training, an"
        + " error, or the record is dropped; by column, and by all for the others"),
    Key(
      "indicators", .oneOf([.boolean, .list(of: .text, count: 1...10_000)]), default: false,
      help: "columns with one more feature that is 1 where the value is missing; true: those that"
        + " lack values in training"),
    Key(
      "weight", .text, default: .absent,
      help: "the column with the weight of each sample, in its loss and its metrics"),
  ]

  private static let wordsRecord = Record(
    "words", main: "column",
    keys: [
      Key("column", .text, help: "the column of texts"),
      Key(
        "vocabulary", .integer(in: 1...100_000), default: 1000,
        help: "the most words: the most frequent ones of training"),
      Key(
        "weighting", .choice(WordsColumn.Weighting.self), default: "tfidf",
        help:
          "tfidf: frequency in the text times rarity in training, a text has length 1; or counts"
      ),
    ],
    help: "Words of a text as features: two or more letters, digits or _, in lower case.")

  /// The columns that have a role by name.
  var named: [(name: String, role: Role)] {
    [(label, .label), (text?.column, .text), (translation, .translation), (weight, .weight)]
      .compactMap { name, role in name.map { ($0, role) } }
      + targets.map { ($0, .target) } + categorical.map { ($0, .category) }
      + embedded.map { ($0, .embedded) } + dates.map { ($0, .date) }
      + words.map { ($0.column, .words($0)) } + ignored.map { ($0, .ignored) }
  }

  /// Whether a column has a role of its own.
  func isNamed(_ column: String) -> Bool { named.contains { $0.name == column } }

  /// What completes the missing values of a column; nil where they stay missing.
  func policy(of column: String, _ role: Role) -> MissingPolicy? {
    switch role {
    case .embedded: missing.named(column) ?? missing.others(among: [.most_frequent, .drop])
    case .words: missing.named(column) ?? missing.others(among: [.drop])
    case .number, .category, .date, .label, .target, .text, .translation, .weight, .ignored:
      missing[column]
    }
  }

  /// The columns without which a record is left out.
  func drops(of header: [String], _ roles: [Role]) -> [Int] {
    header.indices.filter { roles[$0] != .ignored && missing[header[$0]] == .drop }
  }

  /// The same for the columns of a network.
  func drops(of columns: CSVColumns) -> [String] {
    let own = [label, translation, weight].compactMap(\.self) + targets
    return columns.drops.filter { name in columns.features.contains { $0.name == name } }
      + own.filter { missing[$0] == .drop }
  }

  /// Refuses keys that contradict each other.
  func checkColumns(_ settings: Settings) throws(Failure) {
    let foreign = ["categorical", "embedded", "dates", "words"].filter {
      !settings.list($0).isEmpty
    }
    if text != nil, let key = foreign.first {
      throw settings.failure(at: key, "a sample is the text alone: leave it out")
    }
    let completes = if case .choice("error") = settings.value("missing") { false } else { true }
    let indicates = if case .none = indicators { false } else { true }
    if text != nil, indicates {
      throw settings.failure(at: "indicators", "a sample is the text alone: leave it out")
    }
    if window != nil {
      let keys =
        foreign.filter { $0 != "categorical" } + (completes ? ["missing"] : [])
        + (indicates ? ["indicators"] : []) + (weight == nil ? [] : ["weight"])
      if let key = keys.first {
        throw settings.failure(at: key, "is not for windows of a series: leave it out")
      }
    }
    try checkPolicies(settings)
    if case .of(let names) = indicators {
      for (name, role) in named where names.contains(name) && !role.isFeature {
        throw settings.failure(at: "indicators", "column '\(name)' is no feature: leave it out")
      }
    }
  }

  /// Refuses what cannot complete the values of a column.
  private func checkPolicies(_ settings: Settings) throws(Failure) {
    for (name, role) in named {
      guard let policy = missing.named(name) else { continue }
      let (fitting, what): ([MissingPolicy], String) =
        switch role {
        case .number, .date: (MissingPolicy.allCases, "numbers")
        case .category, .embedded: ([.most_frequent, .drop, .error], "words")
        case .words, .text, .translation: ([.drop, .error], "texts")
        case .label, .target: ([.drop, .error], "what is to be predicted")
        case .weight: ([.drop, .error], "weights")
        case .ignored: ([], "nothing that is read, as ignore names it")
        }
      guard !fitting.contains(policy) else { continue }
      throw settings.failure(
        at: "missing",
        "column '\(name)' holds \(what): "
          + (fitting.isEmpty
            ? "leave it out"
            : "expected \(fitting.map(\.rawValue).joined(separator: " or ")), found \(policy)"))
    }
  }
}

extension CSVSettings.Role {
  /// Whether the column can be a feature with an indicator.
  fileprivate var isFeature: Bool {
    switch self {
    case .number, .category, .embedded, .date, .words: true
    case .label, .target, .text, .translation, .weight, .ignored: false
    }
  }
}
