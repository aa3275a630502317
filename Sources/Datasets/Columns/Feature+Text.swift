internal import Configuration
internal import Diagnostics

/// A column in the text of a coding; its entries tell its kind.
extension CSVColumns.Feature {
  static let record = Record(
    "column",
    keys: [
      Key("name", .text, help: "in the header"),
      Key("mean", .number(in: .any), default: .absent, help: "what is subtracted"),
      Key("deviation", .number(in: .above(0)), default: .absent, help: "what it is divided by"),
      Key(
        "cycles", .list(of: .choice(CalendarCycle.self), count: 1...3), default: .absent,
        help: "of dates, whose days since 2000 are the number"),
      Key("words", words, default: .absent, help: "each is a feature that is 1 or 0"),
      Key(
        "embedded", words, default: .absent, help: "their numbers, from 1, are a field of the data"),
      Key(
        "vocabulary", words, default: .absent,
        help: "of texts: each is a feature, the number of times that it occurs"),
      Key(
        "idf", .list(of: .number(in: .above(0)), count: 1...1 << 24), default: .absent,
        help: "what each of these numbers is multiplied with, before a text gets the length 1"),
      Key(
        "length", .integer(in: 1...1_000_000), default: .absent,
        help: "the tokens of a text, which is the only column"),
      Key(
        "missing", .oneOf([.number(in: .any), .text]), default: .absent,
        help: "what completes a missing value: a number, a word, of dates seconds since 1970"),
      Key(
        "required", .boolean, default: false,
        help: "a missing value is an error, also where it could stay one"),
      Key(
        "indicator", .boolean, default: false,
        help: "one more feature is 1 where the value is missing"),
    ], help: "A column of a table.")

  private static let words = Kind.list(of: .text, count: 1...1 << 24)

  /// The entries of the column.
  var text: String {
    let content =
      if case .text(let length) = content { "length: \(length)" } else {
        self.content.kind?.text ?? ""
      }
    return "name: \(doubleQuoted(name)), \(content)\(hasIndicator ? ", indicator: true" : "")"
  }

  /// Whether it can be a column of windows over a series.
  var isOfSeries: Bool {
    switch content {
    case .number(let column): column.missing == nil && !hasIndicator
    case .category(let column): column.missing == nil && !hasIndicator
    case .embedded, .date, .words, .text: false
    }
  }

  init(_ column: Settings, isAlone: Bool) throws(Failure) {
    self.init(
      name: column.text("name"),
      content: try CSVColumns.Encoding(column, isAlone: isAlone),
      hasIndicator: column.boolean("indicator"))
  }
}

extension CSVColumns.Encoding {
  fileprivate init(_ column: Settings, isAlone: Bool) throws(Failure) {
    func words(_ key: String) -> [String]? { column.optionalValue(key)?.list.map(\.text) }
    let isRequired = column.boolean("required")
    if let words = words("words") {
      self = .category(CategoryColumn(words, missing: try column.missingWord(among: words)))
    } else if let words = words("embedded") {
      self = .embedded(
        EmbeddedColumn(
          words, missing: try column.missingWord(among: words), isRequired: isRequired))
    } else if let words = words("vocabulary") {
      let idf = column.optionalValue("idf")?.list.map(\.number)
      guard idf == nil || idf?.count == words.count else {
        throw column.failure(at: "idf", "expected a number for each of \(words.count) words")
      }
      self = .words(WordsColumn(vocabulary: words, frequencies: idf, isRequired: isRequired))
    } else if let mean = column.optionalNumber("mean"),
      let deviation = column.optionalNumber("deviation")
    {
      let missing = try column.missingNumber()
      if let cycles = column.optionalValue("cycles")?.list.map(\.text) {
        self = .date(
          DateColumn(
            mean: mean, deviation: deviation,
            cycles: cycles.compactMap { CalendarCycle(rawValue: $0) }, missing: missing))
      } else {
        self = .number(NumberColumn(mean: mean, deviation: deviation, missing: missing))
      }
    } else if let length = column.optionalInteger("length"), isAlone {
      self = .text(length: length)
    } else {
      throw column.failure("expected either words, or mean and deviation, or a length alone")
    }
  }
}

extension Settings {
  /// The word that completes missing ones.
  fileprivate func missingWord(among words: [String]) throws(Failure) -> String? {
    guard let missing = optionalValue("missing") else { return nil }
    guard case .text(let word) = missing, words.contains(word) else {
      throw failure(at: "missing", "expected one of the column's words")
    }
    return word
  }

  /// The number that completes missing ones.
  fileprivate func missingNumber() throws(Failure) -> Double? {
    guard let missing = optionalValue("missing") else { return nil }
    guard case .number(let number) = missing else {
      throw failure(at: "missing", "expected a number")
    }
    return number
  }
}
