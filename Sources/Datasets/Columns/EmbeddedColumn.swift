internal import Diagnostics

/// A column of words whose numbers go to a field of the dataset: words are counted from 1, 0 stands
/// for any other word.
package struct EmbeddedColumn: ColumnKind {
  let words: [String]
  /// The word that completes a missing value; nil where its number is 0.
  let missing: String?
  /// Whether a missing value is an error.
  let isRequired: Bool

  init(_ words: [String], missing: String? = nil, isRequired: Bool = false) {
    self.words = words
    self.missing = missing
    self.isRequired = isRequired
  }

  var width: Int { 0 }

  func names(of column: String) -> [String] { [] }

  var text: String {
    "embedded: \(flowList(words))\(missingText(missing))\(isRequired ? ", required: true" : "")"
  }

  /// The field of a column.
  func field(of column: String) -> Field {
    Field(Self.fieldName(of: column), [], .int32, .named, entries: words.count + 1)
  }

  /// The name of a column with `_` for all that a field's name cannot have.
  package static func fieldName(of column: String) -> String {
    let name = column.map {
      $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "_" ? String($0) : "_"
    }.joined()
    return name.first?.isNumber == true ? "_\(name)" : name
  }

  /// Finds the numbers of words.
  struct Writer {
    private let words: CSVWords
    private let missing: Int32
    private let isRequired: Bool

    init(_ kind: EmbeddedColumn) {
      words = CSVWords(kind.words)
      missing = Int32(kind.missing.flatMap { kind.words.firstIndex(of: $0) }.map { $0 + 1 } ?? 0)
      isRequired = kind.isRequired
    }

    @inline(__always)
    func number(_ column: Int, of row: CSVRow) throws(Failure) -> Int32 {
      if !isRequired, row[column].isMissing { return missing }
      return words.index(of: try row.value(column)).map { Int32($0 + 1) } ?? 0
    }
  }

  struct Learner: ColumnLearner {
    private var counts = WordCounts(limit: 1_000_000, advice: "use words, or ignore")
    private let policy: MissingPolicy?

    init(_ policy: MissingPolicy?) { self.policy = policy }

    mutating func learn(_ column: Int, of row: CSVRow) throws(Failure) {
      try counts.add(column, of: row)
    }

    func content(missing: Int) -> CSVColumns.Encoding? {
      guard let first = counts.mostFrequent else { return nil }
      return .embedded(
        EmbeddedColumn(
          counts.sorted, missing: policy == .most_frequent ? first : nil,
          isRequired: policy == .drop || policy == .error))
    }
  }
}
