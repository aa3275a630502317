internal import Configuration
internal import Diagnostics

/// How the fields of a kind of column become numbers of a sample, as learned from a training file.
protocol ColumnKind: Equatable, Sendable {
  /// The numbers in a sample.
  var width: Int { get }

  /// The names of these numbers.
  func names(of column: String) -> [String]

  /// The entries of a coding's text.
  var text: String { get }
}

/// Learns from the fields of a column how they become numbers.
protocol ColumnLearner: AnyObject {
  /// Learns from a field that is not missing, of a training sample.
  func learn(_ column: Int, of row: CSVRow) throws(Failure)

  /// What was learned, beside so many missing values; nil if there was nothing to learn from.
  func content(missing: Int) -> CSVColumns.Encoding?
}

/// Writes the fields of a column into samples.
protocol ColumnWriter: AnyObject {
  /// Writes the numbers of a field, as many as the column is wide.
  func write(
    _ column: Int, of row: CSVRow, into target: UnsafeMutablePointer<Float>
  ) throws(Failure)

}

extension CSVColumns.Encoding {
  /// What writes the fields of a file into samples; nil where they become no numbers of a row.
  ///
  /// A word of a category that training does not know may be none of its words, or an error.
  func writer(takesUnknownWords: Bool) -> (any ColumnWriter)? {
    switch self {
    case .number(let column): column.writer()
    case .category(let column): column.writer(takesUnknownWords: takesUnknownWords)
    case .date(let column): column.writer()
    case .words(let column): column.writer()
    case .embedded, .text: nil
    }
  }
}
