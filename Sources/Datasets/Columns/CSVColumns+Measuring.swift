internal import Configuration
internal import Diagnostics

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

  /// Reads the training file once, a column of texts again.
  ///
  /// Statistics are those of the training samples, the names of classes those of all records that
  /// are in a set.
  static func measure(
    _ records: CSVRecords, _ settings: CSVSettings, standardises: Bool,
    counting parts: [SamplePart]? = nil
  ) throws(Failure) -> Content {
    let header = try records.header()
    let roles = try settings.roles(of: header, in: records)
    let drops = settings.drops(of: header, roles)
    let sets = RecordSets(parts, dropping: drops)
    var columns = MeasuredColumns(header, roles, settings, standardises: standardises)
    let targets = roles.indices.filter { roles[$0] == .target }
    let (label, weight) = (roles.firstIndex(of: .label), roles.firstIndex(of: .weight))
    var classes = CSVWords()
    var values = targets.map { _ in Moments() }
    var (record, count) = (0, 0)
    var problems = CSVProblems(of: records, under: header)
    while let row = try problems.next() {
      let part = sets.part(of: row, record)
      record += 1
      if part == .training {
        count += 1
        try columns.learn(from: row, noting: &problems)
        for (place, target) in targets.enumerated() {
          try problems.note(target, of: row) { () throws(Failure) in
            values[place].add(try row.number(target, advice: true))
          }
        }
        if let weight {
          try problems.note(weight, of: row) { () throws(Failure) in _ = try row.weight(weight) }
        }
      }
      if let label, part != .none {
        try problems.note(label, of: row) { () throws(Failure) in
          try row.insertClass(label, into: &classes)
        }
      }
    }
    try problems.check()
    if let label, count > 1, classes.count == 1 {
      throw records.onlyValue("'\(classes.words[0])'", of: header[label], "label")
    }
    if let target = targets.first, count > 1, values.allSatisfy({ $0.variance == 0 }) {
      throw records.onlyValue(shortest(values[0].mean), of: header[target], "target")
    }
    guard count > 0 else {
      let reason =
        record > 0 && parts == nil ? ": each record lacks a value, and 'missing' says drop" : ""
      throw Failure(.badData, "'\(records.path)': holds no samples\(reason)")
    }
    let features = try columns.features(settings, of: records)
    let text = try roles.firstIndex(of: .text).map { column throws(Failure) in
      try measure(
        column, named: header[column], in: records.path, settings, limit: settings.text?.length,
        sets)
    }
    if text == nil { try check(features, of: records) }
    let translation = try roles.firstIndex(of: .translation).map { column throws(Failure) in
      try measure(column, named: header[column], in: records.path, settings, limit: nil, sets)
    }
    let ends = translation?.tokens?.namesWithEnd
    return Content(
      columns: CSVColumns(
        features: text.map { [$0.feature] } ?? features,
        target: translation.map {
          .translation(
            $0.feature.name, steps: $0.feature.content.width + 1, classes: ends?.count ?? 0)
        } ?? settings.target,
        separator: settings.separator, drops: drops.map { header[$0] }, weight: settings.weight),
      tokens: text?.tokens, targetTokens: translation?.tokens,
      classes: ends ?? sorted(classes.words.classNames), count: count)
  }

  /// Checks that something is left to learn from, and the names of fields.
  private static func check(_ features: [Feature], of records: CSVRecords) throws(Failure) {
    guard !features.isEmpty else {
      throw Failure(.badData, "'\(records.path)': no column is left to learn from")
    }
    guard features.contains(where: { $0.width > 0 }) else {
      throw Failure(
        .badData,
        "'\(records.path)': all columns are embedded, a sample has no number: keep one out of "
          + "embedded, or set indicators")
    }
    var columns: [String: String] = [:]
    for feature in features {
      guard case .embedded = feature.content else { continue }
      let name = EmbeddedColumn.fieldName(of: feature.name)
      guard Field.isName(name) else {
        throw Failure(
          .badData,
          "\(records.path):1: column '\(feature.name)' cannot be embedded as a field called "
            + "'\(name)', which is too long or means something else: rename it")
      }
      if let other = columns[name] {
        throw Failure(
          .badData,
          "\(records.path):1: the columns '\(other)' and '\(feature.name)' would both become a field "
            + "called '\(name)': rename one of them")
      }
      columns[name] = feature.name
    }
  }

  /// The tokens of a column of texts, and their number in a sample.
  private static func measure(
    _ column: Int, named name: String, in path: String, _ settings: CSVSettings, limit: Int?,
    _ sets: RecordSets
  ) throws(Failure) -> (feature: Feature, tokens: Tokeniser?) {
    func read(
      _ body: (_ text: [UInt8], _ source: String) throws(Failure) -> Void
    ) throws(Failure) {
      let records = try CSVRecords(path, separator: settings.separator.byte)
      let header = try records.header()
      var record = 0
      while let row = try records.next(under: header) {
        if sets.part(of: row, record) == .training { try body(try row.text(column), row.source) }
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

  fileprivate static let classLimit = 10_000

  /// Numbers by value, words by their bytes.
  static func sorted(_ words: [String]) -> [String] {
    let numbers = words.compactMap { word in Int(word).map { (number: $0, word: word) } }
    guard numbers.count == words.count else {
      return words.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
    return numbers.sorted { ($0.number, $0.word) < ($1.number, $1.word) }.map(\.word)
  }
}

/// The set of each record of a training file.
private struct RecordSets {
  /// Nil where all records that are not dropped are training samples.
  private let parts: [SamplePart]?
  private let drops: [Int]

  init(_ parts: [SamplePart]?, dropping drops: [Int]) {
    self.parts = parts
    self.drops = drops
  }

  func part(of row: CSVRow, _ record: Int) -> SamplePart {
    guard let parts else { return row.lacksValue(in: drops) ? .none : .training }
    return record < parts.count ? parts[record] : .none
  }
}

extension CSVRow {
  /// Whether one of some columns has no value.
  func lacksValue(in columns: [Int]) -> Bool { columns.contains { self[$0].isMissing } }

  /// The weight of a sample.
  func weight(_ column: Int) throws(Failure) -> Float {
    let weight = try number(column)
    guard weight >= 0 else {
      throw failure(column, "holds \(self[column].shown), expected a weight of at least 0")
    }
    return Float(weight)
  }

  fileprivate func insertClass(_ column: Int, into classes: inout CSVWords) throws(Failure) {
    // This was told.
    if classes.count > CSVColumns.classLimit { return }
    _ = try insert(column, into: &classes)
    guard classes.count <= CSVColumns.classLimit else {
      throw failure(
        column,
        "has more than \(CSVColumns.classLimit.grouped) different values: for real numbers use targets: "
          + "[\(header[column])]")
    }
  }
}

extension Moments {
  /// The deviation of equal numbers is taken as 1.
  var standard: (mean: Double, deviation: Double) {
    let deviation = variance.squareRoot()
    return (mean, deviation > 0 ? deviation : 1)
  }
}
