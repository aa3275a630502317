package import Diagnostics

/// The columns of a CSV file with a header and what they hold.
package struct TableSummary: Sendable {
  package let separator: CSVSeparator
  package let records: Int
  package let columns: [Column]

  package struct Column: Sendable {
    package let name: String
    package let content: Content
    /// The number of records without a value.
    package let missing: Int
  }

  package enum Content: Equatable, Sendable {
    case numbers(least: Double, greatest: Double, mean: Double)
    /// The number of different words; nil if they are too many to count.
    case words(Int?)
  }

  private static let wordLimit = 10_000

  /// Reads the whole file.
  package init(of path: String) throws(Failure) {
    separator = try CSVSeparator(guessedFrom: path)
    let file = try CSVRecords(path, separator: separator.byte)
    let header = try file.header()
    var columns = header.map { _ in Tally() }
    var records = 0
    while let row = try file.next(under: header) {
      for column in header.indices { columns[column].add(row[column]) }
      records += 1
    }
    self.records = records
    self.columns = zip(header, columns).filter { !$0.0.isEmpty }.map { name, tally in
      Column(name: name, content: tally.content, missing: tally.missing)
    }
  }

  /// What is known of a column so far.
  private struct Tally {
    private(set) var missing = 0
    private var words: Set<String> = []
    private var isNumeric = true
    private var moments = Moments()
    private var least = Double.infinity
    private var greatest = -Double.infinity

    mutating func add(_ field: CSVField) {
      guard !field.isMissing else {
        missing += 1
        return
      }
      if words.count <= TableSummary.wordLimit { words.insert(field.text) }
      guard isNumeric, let number = field.number() else {
        isNumeric = false
        return
      }
      moments.add(number)
      (least, greatest) = (min(least, number), max(greatest, number))
    }

    var content: Content {
      isNumeric && least <= greatest
        ? .numbers(least: least, greatest: greatest, mean: moments.mean)
        : .words(words.count <= TableSummary.wordLimit ? words.count : nil)
    }
  }
}
