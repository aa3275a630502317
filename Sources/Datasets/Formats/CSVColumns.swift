internal import Configuration
internal import Diagnostics

/// How the columns of a table become numbers, as measured on the training file.
package struct CSVColumns: Equatable, Sendable {
  package let features: [Feature]
  package let target: Target
  package let separator: CSVSeparator
  /// Nil if a sample is one row.
  package let window: SeriesWindow?

  package struct Feature: Equatable, Sendable {
    package let name: String
    package let content: Encoding

    package init(name: String, content: Encoding) {
      self.name = name
      self.content = content
    }
  }

  package enum Encoding: Equatable, Sendable {
    /// A number x becomes (x - mean) / deviation.
    case number(mean: Double, deviation: Double)
    /// A word becomes a one among zeros (one-hot).
    case category([String])
    /// A text becomes this many tokens.
    case text(length: Int)

    var width: Int {
      switch self {
      case .number: 1
      case .category(let words): words.count
      case .text(let length): length
      }
    }
  }

  /// The column of classes, those of real targets, or that of the translation of a text: its tokens
  /// and its end, in so many steps, are the classes.
  package enum Target: Equatable, Sendable {
    case label(String)
    case targets([String])
    case translation(String, steps: Int, classes: Int)
  }

  package init(
    features: [Feature], target: Target, separator: CSVSeparator, window: SeriesWindow? = nil
  ) {
    self.features = features
    self.target = target
    self.separator = separator
    self.window = window
  }

  /// The names of the numbers in a sample, or in a step of one; each word of a category has one,
  /// tokens have none.
  package var names: [String] {
    features.flatMap { feature in
      switch feature.content {
      case .number: return [feature.name]
      case .category(let words): return words.map { "\(feature.name)=\($0)" }
      case .text: return []
      }
    } + (window?.calendar.flatMap(\.names) ?? [])
  }

  /// The number of numbers in a sample, or in a step of one.
  package var width: Int {
    features.reduce(0) { $0 + $1.content.width } + (window?.calendarWidth ?? 0)
  }

  /// Of a sample.
  package var shape: [Int] { (window.map { [$0.length] } ?? []) + [width] }

  /// The tokens of a sample if it is a text.
  var textLength: Int? {
    if case .text(let length)? = features.first?.content { length } else { nil }
  }

  var number: Dataset.Number { textLength == nil ? .float32 : .int32 }

  /// The arrays beside samples and targets: the lengths of texts, and what a decoder reads.
  var fields: [Field] {
    guard textLength != nil else { return [] }
    let lengths = Field(TokenPairs.lengths, [], .int32, .named)
    guard case .translation(_, let steps, let classes) = target else { return [lengths] }
    return [lengths, Field(TokenPairs.previous, [steps], .int32, .named, entries: classes)]
  }

  /// The names of the real targets of a sample.
  package var targetNames: [String] {
    guard case .targets(let names) = target else { return [] }
    guard let window else { return names }
    return (1...window.horizon).flatMap { step in names.map { "\($0) +\(step)" } }
  }
}

/// The character between the fields of a table.
package enum CSVSeparator: String, CaseIterable, Sendable {
  case comma, semicolon, tab

  var byte: UInt8 {
    switch self {
    case .comma: UInt8(ascii: ",")
    case .semicolon: UInt8(ascii: ";")
    case .tab: UInt8(ascii: "\t")
    }
  }
}

extension CSVColumns {
  /// A training file: its columns, tokens, classes and number of samples.
  struct Content {
    let columns: CSVColumns
    /// Of a column of texts, and of the column of their translations.
    let tokens: Tokeniser?
    let targetTokens: Tokeniser?
    /// The names of the classes; empty beside real targets.
    var classes: [String]
    let count: Int
  }

  /// Reads a file once; only training samples count, but for the names of classes.
  static func measure(
    _ records: CSVRecords, _ settings: CSVSettings, standardises: Bool,
    counting parts: [SamplePart]? = nil
  ) throws(Failure) -> Content {
    let header = try records.header()
    let roles = try settings.roles(of: header, in: records)
    var moments = header.map { _ in Moments() }
    var words: [Set<String>] = header.map { _ in [] }
    var (record, count) = (0, 0)
    while let row = try records.next(under: header) {
      let part = parts.map { record < $0.count ? $0[record] : .none } ?? .training
      record += 1
      if part == .training { count += 1 }
      for (column, role) in roles.enumerated()
      where part == .training || role == .label && part != .none {
        switch role {
        case .number, .target:
          moments[column].add(try row.number(column, advice: true))
        case .category, .label:
          words[column].insert(try row.word(column))
          if words[column].count > wordLimit {
            throw records.failure(
              "column '\(header[column])' has more than \(wordLimit.grouped) different values"
                + (role == .label ? ": for real numbers use targets: [\(header[column])]" : ""))
          }
        case .text, .translation, .ignored: break
        }
      }
    }
    let features = roles.indices.compactMap { column -> Feature? in
      switch roles[column] {
      case .number:
        let scale = standardises ? moments[column].standard : (mean: 0, deviation: 1)
        return Feature(
          name: header[column], content: .number(mean: scale.mean, deviation: scale.deviation))
      case .category:
        return Feature(name: header[column], content: .category(sorted(words[column])))
      case .label, .target, .text, .translation, .ignored: return nil
      }
    }
    let text = try roles.firstIndex(of: .text).map { column throws(Failure) in
      try measure(
        column, named: header[column], in: records.path, settings, limit: settings.text?.length,
        counting: parts)
    }
    guard text != nil || !features.isEmpty else {
      throw Failure(.badData, "'\(records.path)': no column is left to learn from")
    }
    let translation = try roles.firstIndex(of: .translation).map { column throws(Failure) in
      try measure(
        column, named: header[column], in: records.path, settings, limit: nil, counting: parts)
    }
    let classes = translation?.tokens?.namesWithEnd
    return Content(
      columns: CSVColumns(
        features: text.map { [$0.feature] } ?? features,
        target: translation.map {
          .translation(
            $0.feature.name, steps: $0.feature.content.width + 1, classes: classes?.count ?? 0)
        } ?? settings.target, separator: settings.separator),
      tokens: text?.tokens, targetTokens: translation?.tokens,
      classes: classes ?? roles.firstIndex(of: .label).map { sorted(words[$0]) } ?? [],
      count: count)
  }

  /// The tokens of a column of texts, and their number in a sample.
  private static func measure(
    _ column: Int, named name: String, in path: String, _ settings: CSVSettings, limit: Int?,
    counting parts: [SamplePart]?
  ) throws(Failure) -> (feature: Feature, tokens: Tokeniser?) {
    func read(
      _ body: (_ text: [UInt8], _ source: String) throws(Failure) -> Void
    ) throws(Failure) {
      let records = try CSVRecords(path, separator: settings.separator.byte)
      let header = try records.header()
      var record = 0
      while let row = try records.next(under: header) {
        if parts.map({ record < $0.count && $0[record] == .training }) ?? true {
          try body(try row.text(column), row.source)
        }
        record += 1
      }
    }
    let tokens = try settings.text?.tokens?.tokeniser { learner throws(Failure) in
      try read { text, source throws(Failure) in
        _ = try learner.read(text.span, isEnd: true, of: source)
      }
    }
    var length = limit ?? 0
    if let tokens, length == 0 {
      var encoder = TextEncoder(tokens)
      var found: [Int32] = []
      try read { text, source throws(Failure) in
        found.removeAll(keepingCapacity: true)
        _ = try encoder.encode(text.span, isEnd: true, of: source, into: &found)
        length = max(length, found.count)
      }
    }
    return (Feature(name: name, content: .text(length: max(1, length))), tokens)
  }

  private static let wordLimit = 10_000

  /// Numbers by value, words by their bytes.
  static func sorted(_ words: Set<String>) -> [String] {
    let numbers = words.compactMap { word in Int(word).map { (number: $0, word: word) } }
    guard numbers.count == words.count else { return words.sorted() }
    return numbers.sorted { ($0.number, $0.word) < ($1.number, $1.word) }.map(\.word)
  }
}

extension Moments {
  /// The deviation of equal numbers is taken as 1.
  var standard: (mean: Double, deviation: Double) {
    let deviation = variance.squareRoot()
    return (mean, deviation > 0 ? deviation : 1)
  }
}
