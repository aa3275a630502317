internal import Configuration
internal import Diagnostics

/// How the columns of a CSV file become numbers, as learnt from the training file.
struct CSVColumns {
  let header: [String]
  let features: [Feature]
  let answer: Answer

  struct Feature {
    let column: Int
    let content: Content
  }

  enum Content {
    /// A number x becomes (x - mean) / deviation.
    case number(mean: Double, deviation: Double)
    /// A word becomes a one among zeros.
    case category([String])

    var width: Int { if case .category(let words) = self { words.count } else { 1 } }
  }

  enum Answer {
    case label(column: Int, classes: [String])
    case targets([Int])
  }

  var width: Int { features.reduce(0) { $0 + $1.content.width } }

  /// Names and scales of all features, a line each.
  var description: String {
    features.map { feature in
      let name = header[feature.column]
      return switch feature.content {
      case .number(let mean, let deviation): "\(name): (x - \(mean)) / \(deviation)"
      case .category(let words): words.map { "\(name) = \($0)" }.joined(separator: "\n")
      }
    }.joined(separator: "\n")
  }

  // MARK: Learning from the training file

  /// Reads a file once; returns how many records it has.
  static func learn(
    from records: CSVRecords, _ settings: CSVSettings
  ) throws(Failure) -> (columns: CSVColumns, count: Int) {
    let header = try self.header(of: records)
    let roles = try settings.roles(of: header, in: records)
    var moments = header.map { _ in Moments() }
    var words: [Set<String>] = header.map { _ in [] }
    var count = 0
    while let fields = try records.next() {
      try check(fields, header, records)
      for (column, role) in roles.enumerated() {
        switch role {
        case .number, .target:
          moments[column].add(try number(fields, column, header, records))
        case .category, .label:
          words[column].insert(try word(fields, column, header, records))
          if words[column].count > wordLimit {
            throw records.failure(
              "column '\(header[column])' has more than \(wordLimit.grouped) different values"
                + (role == .label ? ": for real numbers use targets: [\(header[column])]" : ""))
          }
        case .ignored: break
        }
      }
      count += 1
    }
    let features = roles.indices.compactMap { column -> Feature? in
      switch roles[column] {
      case .number:
        let scale = settings.standardises ? moments[column].standard : (mean: 0, deviation: 1)
        return Feature(
          column: column, content: .number(mean: scale.mean, deviation: scale.deviation))
      case .category: return Feature(column: column, content: .category(sorted(words[column])))
      case .label, .target, .ignored: return nil
      }
    }
    guard !features.isEmpty else {
      throw Failure(.badData, "'\(records.path)': no column is left to learn from")
    }
    let label = roles.firstIndex(of: .label)
    let answer =
      label.map { Answer.label(column: $0, classes: sorted(words[$0])) }
      ?? .targets(settings.targets.compactMap { header.firstIndex(of: $0) })
    return (CSVColumns(header: header, features: features, answer: answer), count)
  }

  private static let wordLimit = 10_000

  /// Numbers in their own order, words in that of their bytes.
  private static func sorted(_ words: Set<String>) -> [String] {
    let numbers = words.compactMap { word in Int(word).map { (number: $0, word: word) } }
    guard numbers.count == words.count else { return words.sorted() }
    return numbers.sorted { ($0.number, $0.word) < ($1.number, $1.word) }.map(\.word)
  }

  // MARK: Reading

  /// The names in the first record.
  static func header(of records: CSVRecords) throws(Failure) -> [String] {
    guard let header = try records.next() else {
      throw Failure(.badData, "'\(records.path)': expected a header with names, the file is empty")
    }
    for (column, name) in header.enumerated() {
      if name.isEmpty { throw records.failure("column \(column + 1) of the header has no name") }
      if header[..<column].contains(name) {
        throw records.failure("the header names '\(name)' twice")
      }
    }
    return header
  }

  /// Puts down the features and the answer of a record.
  func encode(
    _ fields: [String], of records: CSVRecords, features target: UnsafeMutablePointer<Float>,
    answer: UnsafeMutableRawPointer
  ) throws(Failure) {
    try Self.check(fields, header, records)
    var place = 0
    for feature in features {
      switch feature.content {
      case .number(let mean, let deviation):
        let number = try Self.number(fields, feature.column, header, records)
        unsafe target[place] = Float((number - mean) / deviation)
      case .category(let words):
        let found = try index(of: fields, feature.column, among: words, records)
        for i in words.indices { unsafe target[place + i] = i == found ? 1 : 0 }
      }
      place += feature.content.width
    }
    switch self.answer {
    case .label(let column, let classes):
      let label = try index(of: fields, column, among: classes, records)
      unsafe answer.storeBytes(of: Int32(label), as: Int32.self)
    case .targets(let columns):
      let numbers = unsafe answer.assumingMemoryBound(to: Float.self)
      for (i, column) in columns.enumerated() {
        unsafe numbers[i] = Float(try Self.number(fields, column, header, records))
      }
    }
  }

  private func index(
    of fields: [String], _ column: Int, among words: [String], _ records: CSVRecords
  ) throws(Failure) -> Int {
    let word = try Self.word(fields, column, header, records)
    guard let index = words.firstIndex(of: word) else {
      throw records.failure(
        "column '\(header[column])' holds '\(word)', which the training file does not"
          + Suggestion.hint(for: word, among: words))
    }
    return index
  }

  private static func check(
    _ fields: [String], _ header: [String], _ records: CSVRecords
  ) throws(Failure) {
    guard fields.count == header.count else {
      throw records.failure(
        "expected \(header.count) fields as in the header, found \(fields.count)")
    }
  }

  private static func word(
    _ fields: [String], _ column: Int, _ header: [String], _ records: CSVRecords
  ) throws(Failure) -> String {
    let word = fields[column]
    guard !["", "NA", "N/A", "NaN", "nan", "null", "NULL", "?"].contains(word) else {
      throw records.failure(
        "column '\(header[column])' has no value"
          + (word.isEmpty ? "" : " ('\(word)')") + ": complete or remove the record")
    }
    return word
  }

  private static func number(
    _ fields: [String], _ column: Int, _ header: [String], _ records: CSVRecords
  ) throws(Failure) -> Double {
    let word = try word(fields, column, header, records)
    let trimmed = word.drop { $0 == " " }
    guard let number = Double(trimmed) else {
      throw records.failure(
        "column '\(header[column])' holds '\(word)', expected a number; for words "
          + "use categorical: [\(header[column])], to leave it out ignore: [\(header[column])]")
    }
    guard Float(number).isFinite else {
      throw records.failure("column '\(header[column])' holds \(word), too large for float32")
    }
    return number
  }
}

extension Moments {
  /// A column of equal numbers keeps its deviation of 1.
  fileprivate var standard: (mean: Double, deviation: Double) {
    let deviation = variance.squareRoot()
    return (mean, deviation > 0 ? deviation : 1)
  }
}
