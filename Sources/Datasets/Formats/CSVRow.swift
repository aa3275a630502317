internal import Diagnostics

/// A record of a CSV file.
struct CSVRow {
  let fields: [String]
  let header: [String]
  let records: CSVRecords

  init(_ fields: [String], _ header: [String], _ records: CSVRecords) {
    self.fields = fields
    self.header = header
    self.records = records
  }

  /// Whether a field stands for a missing value.
  static func isMissing(_ field: String) -> Bool {
    ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "?"].contains(field)
  }

  func word(_ column: Int) throws(Failure) -> String {
    let word = fields[column]
    guard !Self.isMissing(word) else {
      throw records.failure(
        "column '\(header[column])' has no value"
          + (word.isEmpty ? "" : " ('\(word)')") + ": complete or remove the record")
    }
    return word
  }

  /// The bytes of a text, which are never none; the row must be the last that was read.
  func text(_ column: Int) throws(Failure) -> [UInt8] {
    let bytes = records.bytes(ofField: column)
    guard !bytes.isEmpty else {
      throw records.failure(
        "column '\(header[column])' has no text: complete or remove the record")
    }
    return bytes
  }

  /// The file and the line, for messages about the text.
  var source: String { "\(records.path):\(records.line)" }

  /// A number; with `advice`, the message names the settings for a column of words.
  func number(_ column: Int, advice: Bool = false) throws(Failure) -> Double {
    let (word, name) = (try word(column), header[column])
    guard let number = Double(word.drop { $0 == " " }) else {
      throw records.failure(
        "column '\(name)' holds '\(word)', expected a number"
          + (advice
            ? "; for words use categorical: [\(name)], to leave it out ignore: [\(name)]" : ""))
    }
    guard Float(number).isFinite else {
      throw records.failure("column '\(name)' holds \(word), too large for float32")
    }
    return number
  }

  /// The index of a word among those of the training file.
  func index(_ column: Int, among words: [String]) throws(Failure) -> Int {
    let word = try word(column)
    guard let index = words.firstIndex(of: word) else {
      throw records.failure(
        "column '\(header[column])' holds '\(word)', which the training data do not"
          + Suggestion.hint(for: word, among: words))
    }
    return index
  }
}

extension CSVRecords {
  /// The names in the first record.
  func header() throws(Failure) -> [String] {
    guard let header = try next() else {
      throw Failure(.badData, "'\(path)': expected a header with names, the file is empty")
    }
    for (column, name) in header.enumerated() {
      if name.isEmpty { throw failure("column \(column + 1) of the header has no name") }
      if header[..<column].contains(name) { throw failure("the header names '\(name)' twice") }
    }
    return header
  }

  /// The next record, nil at the end.
  func next(under header: [String]) throws(Failure) -> CSVRow? {
    guard let fields = try next() else { return nil }
    guard fields.count == header.count else {
      throw failure("expected \(header.count) fields as in the header, found \(fields.count)")
    }
    return CSVRow(fields, header, self)
  }
}
