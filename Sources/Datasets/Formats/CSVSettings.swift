internal import Configuration
internal import Diagnostics

/// The columns of a CSV file as a configuration describes them.
struct CSVSettings {
  let label: String?
  let targets: [String]
  let categorical: [String]
  let embedded: [String]
  let dates: [String]
  let words: [Words]
  /// The column of the samples' weights.
  let weight: String?
  let missing: MissingValues
  let indicators: Indicators
  var ignored: [String]
  let standardises: Bool
  var separator: CSVSeparator
  /// Whether the separator is known; else it is guessed from the file.
  var hasSeparator: Bool
  let window: SeriesWindow?
  /// The share of each series that is the test set.
  let testShare: Double?
  /// Nil if samples are no texts.
  let text: Text?
  /// The column of translations.
  let translation: String?

  /// A column of texts.
  struct Text {
    let column: String
    /// Nil for those of a network.
    let tokens: TokenSettings?
    /// Nil for that of the longest text.
    let length: Int?
  }

  /// A column of texts that become bags of words.
  struct Words: Equatable {
    let column: String
    /// The most words that become features.
    let vocabulary: Int
    let weighting: WordsColumn.Weighting
  }

  /// The columns with a feature that says whether the value was missing.
  enum Indicators {
    case none
    /// Those that lack values in the training file.
    case needed
    case of([String])

    func include(_ column: String, isMissing: Bool) -> Bool {
      switch self {
      case .none: false
      case .needed: isMissing
      case .of(let names): names.contains(column)
      }
    }
  }

  enum Role: Equatable {
    case number, category, embedded, date
    case words(Words)
    case label, target, text, translation, weight, ignored
  }

  /// Those of a file with the columns of a coding.
  init(_ columns: CSVColumns) {
    switch columns.target {
    case .label(let name): (label, targets, translation) = (name, [], nil)
    case .targets(let names): (label, targets, translation) = (nil, names, nil)
    case .translation(let name, _, _): (label, targets, translation) = (nil, [], name)
    }
    (categorical, embedded, dates, words, ignored, standardises) = ([], [], [], [], [], false)
    (weight, missing, indicators) = (
      columns.weight, MissingValues(dropping: columns.drops), .none
    )
    (separator, hasSeparator) = (columns.separator, true)
    (window, testShare) = (columns.window, nil)
    text = columns.textLength.map {
      Text(column: columns.features[0].name, tokens: nil, length: $0)
    }
  }

  var target: CSVColumns.Target { label.map { .label($0) } ?? .targets(targets) }

  init(_ settings: Settings, folder: String) throws(Failure) {
    label = settings.optionalText("label")
    targets = settings.optionalValue("targets")?.list.map(\.text) ?? []
    categorical = settings.list("categorical").map(\.text)
    embedded = settings.list("embedded").map(\.text)
    dates = settings.list("dates").map(\.text)
    words = settings.sections("words").map {
      Words(
        column: $0.text("column"), vocabulary: $0.integer("vocabulary"),
        weighting: $0.choice("weighting"))
    }
    weight = settings.optionalText("weight")
    missing = MissingValues(settings.value("missing"))
    indicators =
      switch settings.value("indicators") {
      case .boolean(let isWanted): isWanted ? .needed : .none
      case let names: .of(names.list.map(\.text))
      }
    ignored = settings.list("ignore").map(\.text)
    standardises = settings.boolean("standardise")
    let separator = settings.optionalChoice("separator", as: CSVSeparator.self)
    (self.separator, hasSeparator) = (separator ?? .comma, separator != nil)
    window = try SeriesWindow(settings)
    testShare = settings.optionalSection("window")?.optionalNumber("test")
    text = try settings.optionalText("text").map { column throws(Failure) in
      Text(
        column: column,
        tokens: try TokenSettings(settings, folder: folder, otherwise: .words),
        length: settings.optionalInteger("length"))
    }
    translation = settings.optionalText("translation")
    let foreign =
      text == nil ? ["tokens", "vocabulary", "length", "translation"] : ["window"]
    if let key = foreign.first(where: { settings.optionalValue($0) != nil }) {
      throw settings.failure(
        at: key,
        text == nil
          ? "is for a column of text: add text or leave it out"
          : "a sample is either a text or a window: leave one of them out")
    }
    try checkColumns(settings)
    let given = [label != nil, !targets.isEmpty, translation != nil].count { $0 }
    guard given == 1 else {
      throw settings.failure(
        at: label == nil ? "training" : "label",
        "expected either label (a column of classes) or targets (columns of real numbers)"
          + (text == nil ? "" : " or translation (a column of texts)")
          + ", found \(given == 0 ? "neither" : given == 2 && text == nil ? "both" : "\(given)")")
    }
    guard window == nil || label == nil else {
      throw settings.failure(at: "label", "windows of a series have targets: name their columns")
    }
    guard testShare == nil || settings.optionalText("test") == nil else {
      throw settings.failure(
        at: "test", "the window has a share as test set: leave one of them out")
    }
  }

  /// The role of each column; every name must be that of a column, and have one role.
  func roles(of header: [String], in records: CSVRecords) throws(Failure) -> [Role] {
    func place(_ name: String, _ key: String = "") throws(Failure) -> Int {
      guard let column = header.firstIndex(of: name) else {
        throw records.failure(
          "there is no column '\(name)'\(key)\(Suggestion.hint(for: name, among: header))")
      }
      return column
    }
    // A column without a name is an index.
    var roles = header.map { $0.isEmpty ? Role.ignored : .number }
    let series = [window?.group, window?.time].compactMap(\.self).map { ($0, Role.ignored) }
    for (name, role) in named + series {
      let column = try place(name)
      guard roles[column] == .number else {
        throw records.failure("column '\(name)' is named twice in the configuration")
      }
      roles[column] = role
    }
    for name in missing.names { _ = try place(name, ", which missing names") }
    if case .of(let names) = indicators {
      for name in names { _ = try place(name, ", which indicators name") }
    }
    // Nothing else is read beside a text.
    return text == nil ? roles : roles.map { $0 == .number ? .ignored : $0 }
  }
}
