internal import Diagnostics

/// What writes the features of a table into samples.
///
/// Columns of one kind come after each other, so that a field costs no look-up of its kind.
struct ColumnWriters {
  private var numbers: [Placed<NumberColumn>] = []
  private var categories: [Placed<CategoryColumn.Writer>] = []
  private var dates: [Placed<DateColumn>] = []
  private var words: [Placed<WordsColumn.Writer>] = []
  private var embedded: [Placed<EmbeddedColumn.Writer>] = []
  private var indicators: [(column: Int, place: Int)] = []

  /// What writes a column, and at which place of a sample, or to which field.
  private struct Placed<Writer> {
    let column: Int
    let place: Int
    let writer: Writer
  }

  /// A word of a category that training does not know may be none of its words, or an error.
  mutating func append(
    _ feature: CSVColumns.Feature, _ column: Int, at place: Int, takesUnknownWords: Bool
  ) {
    func placed<Writer>(_ writer: Writer) -> Placed<Writer> {
      Placed(column: column, place: place, writer: writer)
    }
    if feature.hasIndicator { indicators.append((column, place + feature.width - 1)) }
    switch feature.content {
    case .number(let kind): numbers.append(placed(kind))
    case .category(let kind):
      categories.append(
        placed(CategoryColumn.Writer(kind, takesUnknownWords: takesUnknownWords)))
    case .date(let kind): dates.append(placed(kind))
    case .words(let kind): words.append(placed(WordsColumn.Writer(kind)))
    case .embedded(let kind):
      embedded.append(
        Placed(column: column, place: embedded.count, writer: EmbeddedColumn.Writer(kind)))
    case .text: break
    }
  }

  /// Writes the numbers of a record.
  func write(_ row: CSVRow, into target: UnsafeMutablePointer<Float>) throws(Failure) {
    try unsafe Self.write(row, by: numbers, into: target)
    try unsafe Self.write(row, by: categories, into: target)
    try unsafe Self.write(row, by: dates, into: target)
    try unsafe Self.write(row, by: words, into: target)
    for (column, place) in indicators { unsafe target[place] = row[column].isMissing ? 1 : 0 }
  }

  /// Appends the numbers of embedded words of a record to their fields.
  func append(_ row: CSVRow, to fields: inout [FieldNumbers]) throws(Failure) {
    let writers = embedded.span
    for number in writers.indices {
      let word = try writers[number].writer.number(writers[number].column, of: row)
      fields[writers[number].place].append(word)
    }
  }

  @inline(__always)
  private static func write<Writer: ColumnWriter>(
    _ row: CSVRow, by writers: [Placed<Writer>], into target: UnsafeMutablePointer<Float>
  ) throws(Failure) {
    let writers = writers.span
    for number in writers.indices {
      try unsafe writers[number].writer.write(
        writers[number].column, of: row, into: target + writers[number].place)
    }
  }
}
