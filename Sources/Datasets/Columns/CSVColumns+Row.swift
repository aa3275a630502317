internal import Diagnostics

extension CSVColumns {
  /// A row as it stood in the table, of the numbers that it became; `embedded` has the number of
  /// the word of each column with a field of its own.
  func row(
    of numbers: ArraySlice<Float>, embedded: [String: Int]
  ) -> [(name: String, value: String)] {
    var rest = numbers
    var row: [(name: String, value: String)] = []
    for feature in features {
      let own = Array(rest.prefix(feature.content.width))
      rest = rest.dropFirst(feature.width)
      // The last number of a feature is its indicator.
      let isMissing = feature.hasIndicator && numbers[rest.startIndex - 1] == 1
      let value = isMissing ? "missing" : feature.content.text(of: own, feature.name, embedded)
      row.append((feature.name, value))
    }
    return row
  }
}

extension CSVColumns.Encoding {
  /// The most words of a bag that are named.
  private static let wordLimit = 12

  /// The value that became some numbers.
  fileprivate func text(
    of numbers: [Float], _ name: String, _ embedded: [String: Int]
  ) -> String {
    switch self {
    case .number(let column):
      let value = Double(numbers[0]) * column.deviation + column.mean
      // What rounding leaves of 0.
      return abs(value) < 1e-6 * column.deviation ? "0" : value.formatted(digits: 5)
    case .category(let column):
      return numbers.firstIndex { $0 > 0.5 }.map { column.words[$0] } ?? "another word"
    case .embedded(let column):
      let number = embedded[EmbeddedColumn.fieldName(of: name)] ?? 0
      return 1...max(1, column.words.count) ~= number && !column.words.isEmpty
        ? column.words[number - 1] : "another word"
    case .date(let column): return column.text(of: numbers[0])
    case .words(let column):
      let found = numbers.indices.filter { numbers[$0] > 0 }.sorted { numbers[$0] > numbers[$1] }
      let words = found.prefix(Self.wordLimit).map { column.vocabulary[$0] }
      return words.joined(separator: ", ") + (found.count > words.count ? ", ..." : "")
    case .text: return ""
    }
  }
}

extension DateColumn {
  /// The date or time that became a number.
  fileprivate func text(of number: Float) -> String {
    let seconds = (Double(number) * deviation + mean) * TimeStamp.day
    // A float32 tells days apart, not seconds.
    let time = ((seconds + Self.firstSecond) / 60).rounded() * 60
    return TimeStamp.text(time)
  }
}
