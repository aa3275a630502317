internal import Configuration
internal import Diagnostics

/// A column of words: each of them becomes a one among zeros (one-hot).
package struct CategoryColumn: ColumnKind {
  package let words: [String]
  /// The word that completes a missing value; nil where it is an error.
  let missing: String?

  package init(_ words: [String], missing: String? = nil) {
    self.words = words
    self.missing = missing
  }

  var width: Int { words.count }

  func names(of column: String) -> [String] { words.map { "\(column)=\($0)" } }

  var text: String { "words: \(flowList(words))\(missingText(missing))" }

  final class Writer: ColumnWriter {
    private let words: CSVWords
    private let missing: Int?
    private let takesUnknownWords: Bool

    init(_ kind: CategoryColumn, takesUnknownWords: Bool) {
      words = CSVWords(kind.words)
      missing = kind.missing.flatMap { kind.words.firstIndex(of: $0) }
      self.takesUnknownWords = takesUnknownWords
    }

    func write(
      _ column: Int, of row: CSVRow, into target: UnsafeMutablePointer<Float>
    ) throws(Failure) {
      let found = try place(column, of: row)
      for place in 0..<words.count { unsafe target[place] = place == found ? 1 : 0 }
    }

    private func place(_ column: Int, of row: CSVRow) throws(Failure) -> Int? {
      if let missing, row[column].isMissing { return missing }
      return takesUnknownWords
        ? words.index(of: try row.value(column)) : try row.index(column, among: words)
    }
  }

  struct Learner: ColumnLearner {
    private var counts = WordCounts(limit: 10_000, advice: "use embedded")
    private let policy: MissingPolicy

    init(_ policy: MissingPolicy) { self.policy = policy }

    mutating func learn(_ column: Int, of row: CSVRow) throws(Failure) {
      try counts.add(column, of: row)
    }

    func content(missing: Int) -> CSVColumns.Encoding? {
      guard let first = counts.mostFrequent else { return nil }
      return .category(
        CategoryColumn(counts.sorted, missing: policy == .most_frequent ? first : nil))
    }
  }
}

/// The different words of a column, and how often each of them stands there.
struct WordCounts {
  private var words = CSVWords()
  private var counts: [Int] = []
  private let limit: Int
  /// The key for a column with more words.
  private let advice: String

  init(limit: Int, advice: String) {
    self.limit = limit
    self.advice = advice
  }

  mutating func add(_ column: Int, of row: CSVRow) throws(Failure) {
    // This was told.
    if counts.count > limit { return }
    let place = try row.insert(column, into: &words)
    if place == counts.count { counts.append(0) }
    counts[place] += 1
    guard counts.count <= limit else {
      throw row.failure(
        column,
        "has more than \(limit.grouped) different values: \(advice): [\(row.header[column])]")
    }
  }

  /// In the order in which a network numbers them.
  var sorted: [String] { CSVColumns.sorted(words.words) }

  /// The first of the most frequent words in their order; nil of no words.
  var mostFrequent: String? {
    guard let most = counts.max() else { return nil }
    return CSVColumns.sorted(zip(words.words, counts).filter { $0.1 == most }.map(\.0)).first
  }
}

/// Texts as a list of a coding.
func flowList(_ texts: [String]) -> String {
  "[\(texts.map { doubleQuoted($0) }.joined(separator: ", "))]"
}

/// The entry of a coding for a word that completes missing ones.
func missingText(_ word: String?) -> String {
  word.map { ", missing: \(doubleQuoted($0))" } ?? ""
}
