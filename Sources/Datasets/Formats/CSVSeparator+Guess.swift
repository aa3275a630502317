internal import Diagnostics

extension CSVSeparator {
  /// The separator that splits the header of a file into most names.
  init(guessedFrom path: String) throws(Failure) {
    var best = (separator: CSVSeparator.comma, count: 0)
    for separator in CSVSeparator.allCases {
      let records = try CSVRecords(path, separator: separator.byte)
      // A header with quotes is malformed under another separator.
      let isHeader = (try? records.next()) ?? false
      if isHeader, records.count > best.count { best = (separator, records.count) }
    }
    self = best.separator
  }
}
