internal import Configuration
internal import Diagnostics

/// How the columns of a table become numbers, as learnt from the training file.
package struct CSVColumns: Equatable, Sendable {
  package let features: [Feature]
  package let answer: Answer
  package let separator: CSVSeparator

  package struct Feature: Equatable, Sendable {
    package let name: String
    package let content: Content

    package init(name: String, content: Content) {
      self.name = name
      self.content = content
    }
  }

  package enum Content: Equatable, Sendable {
    /// A number x becomes (x - mean) / deviation.
    case number(mean: Double, deviation: Double)
    /// A word becomes a one among zeros.
    case category([String])

    var width: Int { if case .category(let words) = self { words.count } else { 1 } }
  }

  /// What is to be predicted: the column of classes, or those of real numbers.
  package enum Answer: Equatable, Sendable {
    case label(String)
    case targets([String])
  }

  package init(features: [Feature], answer: Answer, separator: CSVSeparator) {
    self.features = features
    self.answer = answer
    self.separator = separator
  }

  /// How many numbers a sample has.
  package var width: Int { features.reduce(0) { $0 + $1.content.width } }
}

/// What stands between the fields of a table.
package enum CSVSeparator: String, CaseIterable, Sendable {
  case comma, semicolon, tab

  var byte: UInt8 {
    switch self {
    case .comma: UInt8(ascii: ",")
    case .semicolon: UInt8(ascii: ";")
    case .tab: UInt8(ascii: "\t")
    }
  }
}

extension CSVColumns {
  /// What one reading of the training file tells.
  struct Lesson {
    let columns: CSVColumns
    /// The names of the classes; empty where real numbers are to be predicted.
    let classes: [String]
    let count: Int
  }

  /// Reads a file once.
  static func learn(
    from records: CSVRecords, _ settings: CSVSettings, standardises: Bool
  ) throws(Failure) -> Lesson {
    let header = try records.header()
    let roles = try settings.roles(of: header, in: records)
    var moments = header.map { _ in Moments() }
    var words: [Set<String>] = header.map { _ in [] }
    var count = 0
    while let row = try records.next(under: header) {
      for (column, role) in roles.enumerated() {
        switch role {
        case .number, .target:
          moments[column].add(try row.number(column, advice: true))
        case .category, .label:
          words[column].insert(try row.word(column))
          if words[column].count > wordLimit {
            throw records.failure(
              "column '\(header[column])' has more than \(wordLimit.grouped) different values"
                + (role == .label ? ": for real numbers use targets: [\(header[column])]" : ""))
          }
        case .ignored: break
        }
      }
      count += 1
    }
    let features = roles.indices.compactMap { column -> Feature? in
      switch roles[column] {
      case .number:
        let scale = standardises ? moments[column].standard : (mean: 0, deviation: 1)
        return Feature(
          name: header[column], content: .number(mean: scale.mean, deviation: scale.deviation))
      case .category:
        return Feature(name: header[column], content: .category(sorted(words[column])))
      case .label, .target, .ignored: return nil
      }
    }
    guard !features.isEmpty else {
      throw Failure(.badData, "'\(records.path)': no column is left to learn from")
    }
    return Lesson(
      columns: CSVColumns(
        features: features, answer: settings.answer, separator: settings.separator),
      classes: roles.firstIndex(of: .label).map { sorted(words[$0]) } ?? [], count: count)
  }

  private static let wordLimit = 10_000

  /// Numbers in their own order, words in that of their bytes.
  private static func sorted(_ words: Set<String>) -> [String] {
    let numbers = words.compactMap { word in Int(word).map { (number: $0, word: word) } }
    guard numbers.count == words.count else { return words.sorted() }
    return numbers.sorted { ($0.number, $0.word) < ($1.number, $1.word) }.map(\.word)
  }
}

extension Moments {
  /// A column of equal numbers keeps its deviation of 1.
  fileprivate var standard: (mean: Double, deviation: Double) {
    let deviation = variance.squareRoot()
    return (mean, deviation > 0 ? deviation : 1)
  }
}
