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
    /// The different values with the number of records that hold each, in the order in which
    /// classes would have them; nil if they are too many to count.
    package let values: [(value: String, records: Int)]?
    /// Whether all values are whole numbers, and each is one more than that of the record before.
    package let isWhole: Bool
    package let isCounter: Bool
    /// The words in a value, a mean over records.
    package let wordsInValue: Double
  }

  package enum Content: Equatable, Sendable {
    case numbers(least: Double, greatest: Double, mean: Double)
    /// Dates, from the first to the last.
    case dates(first: String, last: String)
    /// The number of different words; nil if they are too many to count.
    case words(Int?)
  }

  private static let wordLimit = 10_000

  /// Reads the whole file.
  package init(of path: String) throws(Failure) {
    // The header is read twice.
    guard path != ByteStream.standardInput else {
      throw Failure(.noInput, "cannot read '\(path)': it is not a regular file")
    }
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
      tally.column(named: name)
    }
  }

  /// What is known of a column so far.
  private struct Tally {
    private var missing = 0
    private var values = CSVWords()
    /// The records with each of the values.
    private var counts: [Int] = []
    private var isNumeric = true
    private var isWhole = true
    private var isCounter = true
    private var isDates = true
    private var moments = Moments()
    private var (least, greatest) = (Double.infinity, -Double.infinity)
    private var last: Double?
    private var (first, latest) = (Double.infinity, -Double.infinity)
    private var (filled, words) = (0, 0)

    mutating func add(_ field: CSVField) {
      guard !field.isMissing else {
        missing += 1
        isCounter = false
        return
      }
      filled += 1
      count(field)
      if isNumeric, let number = field.number() {
        add(number)
        return
      }
      isNumeric = false
      let text = field.text
      words += text.split { $0.isWhitespace }.count
      guard isDates, Double(text) == nil, let time = TimeStamp.seconds(text) else {
        isDates = false
        return
      }
      (first, latest) = (min(first, time), max(latest, time))
    }

    private mutating func count(_ field: CSVField) {
      guard values.count <= TableSummary.wordLimit else { return }
      let place = values.insert(field)
      if place == counts.count { counts.append(0) }
      counts[place] += 1
    }

    private mutating func add(_ number: Double) {
      moments.add(number)
      (least, greatest) = (min(least, number), max(greatest, number))
      if number != number.rounded() { isWhole = false }
      if let last, number != last + 1 { isCounter = false }
      last = number
      // A date among numbers is none.
      isDates = false
    }

    /// A date without the midnight that it does not mention.
    private static func text(_ time: Double) -> String {
      let text = TimeStamp.text(time)
      return text.hasSuffix("T00:00:00Z") ? String(text.dropLast(10)) : text
    }

    func column(named name: String) -> Column {
      let isCounted = values.count <= TableSummary.wordLimit
      let hasNumbers = isNumeric && least <= greatest
      let content: Content =
        if hasNumbers {
          .numbers(least: least, greatest: greatest, mean: moments.mean)
        } else if isDates, first <= latest {
          .dates(first: Self.text(first), last: Self.text(latest))
        } else {
          .words(isCounted ? counts.count : nil)
        }
      return Column(
        name: name, content: content, missing: missing,
        values: isCounted
          ? CSVColumns.sorted(values.words).map { word in
            (word, values.place(of: word).map { counts[$0] } ?? 0)
          } : nil,
        isWhole: hasNumbers && isWhole, isCounter: hasNumbers && isWhole && isCounter,
        wordsInValue: Double(words) / Double(max(1, filled)))
    }
  }
}
