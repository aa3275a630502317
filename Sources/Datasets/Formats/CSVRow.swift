internal import Diagnostics

/// The last record that was read from a CSV file, with the names of its fields.
struct CSVRow {
  let header: [String]
  let records: CSVRecords

  subscript(column: Int) -> CSVField { records[column] }

  /// A failure of a field: `prices.csv:12: column 'rooms' holds 'x', expected a number`.
  func failure(_ column: Int, _ problem: String) -> Failure {
    records.failure("column '\(header[column])' \(problem)")
  }

  /// A field with a value.
  func value(_ column: Int) throws(Failure) -> CSVField {
    let field = self[column]
    guard !field.isMissing else {
      throw failure(
        column,
        "has no value\(field.isEmpty ? "" : " ('\(field.text)')"): complete or remove the record")
    }
    return field
  }

  func word(_ column: Int) throws(Failure) -> String { try value(column).text }

  /// The bytes of a text, which are never none.
  func text(_ column: Int) throws(Failure) -> [UInt8] {
    let field = self[column]
    guard !field.isEmpty else {
      throw failure(column, "has no text: complete or remove the record")
    }
    return field.copy
  }

  /// The file and the line, for messages about the text.
  var source: String { "\(records.path):\(records.line)" }

  /// A number; with `advice`, the message names the settings for a column of words.
  func number(_ column: Int, advice: Bool = false) throws(Failure) -> Double {
    let field = try value(column)
    guard let number = field.number() else {
      let name = header[column]
      throw failure(
        column,
        "holds '\(field.text)', expected a number"
          + (advice
            ? "; for words use categorical: [\(name)], to leave it out ignore: [\(name)]" : ""))
    }
    guard Float(number).isFinite else {
      throw failure(column, "holds \(field.text), too large for float32")
    }
    return number
  }

  /// The index of a word among those of the training file.
  func index(_ column: Int, among words: CSVWords) throws(Failure) -> Int {
    let field = try value(column)
    guard let index = words.index(of: field) else {
      throw failure(
        column,
        "holds '\(field.text)', which the training data do not"
          + Suggestion.hint(for: field.text, among: words.words))
    }
    return index
  }
}

extension CSVRecords {
  /// The names in the first record.
  func header() throws(Failure) -> [String] {
    guard try next() else {
      throw Failure(.badData, "'\(path)': expected a header with names, the file is empty")
    }
    let header = texts
    var known: Set<String> = []
    for (column, name) in header.enumerated() {
      if name.isEmpty { throw failure("column \(column + 1) of the header has no name") }
      if !known.insert(name).inserted { throw failure("the header names '\(name)' twice") }
    }
    return header
  }

  /// The next record, nil at the end.
  func next(under header: [String]) throws(Failure) -> CSVRow? {
    guard try next() else { return nil }
    guard count == header.count else {
      throw failure("expected \(header.count) fields as in the header, found \(count)")
    }
    return CSVRow(header: header, records: self)
  }
}
