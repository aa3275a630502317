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
protocol ColumnLearner {
  /// Learns from a field that is not missing, of a training sample.
  mutating func learn(_ column: Int, of row: CSVRow) throws(Failure)

  /// What was learned, beside so many missing values, which uses it up; nil if there was nothing to
  /// learn from.
  mutating func content(missing: Int) -> CSVColumns.Encoding?
}

/// Writes the fields of a column into samples.
protocol ColumnWriter {
  /// Writes the numbers of a field, as many as the column is wide.
  func write(
    _ column: Int, of row: CSVRow, into target: UnsafeMutablePointer<Float>
  ) throws(Failure)
}
