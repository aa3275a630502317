internal import Diagnostics

/// The last record that was read from a CSV file, with the names of its fields.
struct CSVRow {
  let header: [String]
  let records: CSVRecords

  @inline(__always)
  subscript(column: Int) -> CSVField { records[column] }

  /// A failure of a field: `prices.csv:12: column 'rooms' holds 'x', expected a number`.
  func failure(_ column: Int, _ problem: String) -> Failure {
    records.failure("column '\(header[column].clipped)' \(problem)")
  }

  /// A field with a value.
  @inline(__always)
  func value(_ column: Int) throws(Failure) -> CSVField {
    let field = self[column]
    if field.isMissing { throw missing(column) }
    return field
  }

  private func missing(_ column: Int) -> Failure {
    let field = self[column]
    return failure(
      column,
      "has no value\(field.isEmpty ? "" : " ('\(field.shown)')"): complete or remove the record")
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
  @inline(__always)
  func number(_ column: Int, advice: Bool = false) throws(Failure) -> Double {
    // What is a number is not missing.
    if let number = self[column].decimal, Float(number).isFinite { return number }
    return try otherNumber(column, advice: advice)
  }

  /// A number in another form, or the failure of what is none.
  private func otherNumber(_ column: Int, advice: Bool) throws(Failure) -> Double {
    let field = try value(column)
    guard let number = field.number() else {
      let name = header[column].clipped
      throw failure(
        column,
        "holds '\(field.shown)', expected a number"
          + (advice
            ? "; for words use categorical: [\(name)], to leave it out ignore: [\(name)]" : ""))
    }
    guard Float(number).isFinite else {
      throw failure(column, "holds \(field.shown), too large for float32")
    }
    return number
  }

  /// The place of a word among those of a column, to which it is added if it is new and can be a
  /// word.
  func insert(_ column: Int, into words: inout CSVWords) throws(Failure) -> Int {
    let field = try value(column)
    if let place = words.index(of: field) { return place }
    guard field.isUTF8 else {
      throw failure(column, "holds '\(field.shown)', which is no UTF-8: save the table as UTF-8")
    }
    let length = field.text.utf8.count
    guard length <= CSVWords.lengthLimit else {
      throw failure(
        column,
        "holds a word of \(length.grouped) bytes, limit \(CSVWords.lengthLimit.grouped): read a "
          + "column of texts as text, or leave it out")
    }
    return words.insert(field)
  }

  /// The place of a class among those of the training file; a whole number may have a fraction of
  /// zeros.
  func label(_ column: Int, among classes: CSVWords) throws(Failure) -> Int {
    let field = try value(column)
    guard classes.index(of: field) == nil, let whole = field.wholeNumber,
      let place = classes.place(of: "\(whole)")
    else { return try index(column, among: classes) }
    return place
  }

  /// The index of a word among those of the training file.
  @inline(__always)
  func index(_ column: Int, among words: CSVWords) throws(Failure) -> Int {
    let field = try value(column)
    guard let index = words.index(of: field) else { throw unknown(column, among: words) }
    return index
  }

  private func unknown(_ column: Int, among words: CSVWords) -> Failure {
    let field = self[column]
    return failure(
      column,
      "holds '\(field.shown)', which the training data do not"
        + Suggestion.hint(for: field.text, among: words.words))
  }
}

extension CSVRecords {
  /// The names in the first record; only the first may be empty.
  func header() throws(Failure) -> [String] {
    guard try next() else {
      throw Failure(.badData, "'\(path)': expected a header with names, the file is empty")
    }
    let header = texts
    var known: Set<String> = []
    for (column, name) in header.enumerated() {
      // Pandas writes an index as a first column without name.
      if name.isEmpty, column > 0 || count == 1 {
        throw failure("column \(column + 1) of the header has no name")
      }
      if !known.insert(name).inserted {
        throw failure("the header names '\(name.clipped)' twice")
      }
    }
    return header
  }

  /// The next record, nil at the end.
  func next(under header: [String]) throws(Failure) -> CSVRow? {
    guard try next() else { return nil }
    if let misfit = misfit(to: header) { throw misfit }
    return CSVRow(header: header, records: self)
  }

  /// The failure of the last record if it has more or fewer fields than the header.
  func misfit(to header: [String]) -> Failure? {
    count == header.count
      ? nil : failure("expected \(header.count) fields as in the header, found \(count)")
  }
}
