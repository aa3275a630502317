internal import Datasets

/// What a column of a table is taken for.
enum ColumnRole: Equatable {
  case number
  /// Words, each of which becomes a feature.
  case category(words: Int)
  /// More words than that, each of which becomes a vector that is learned.
  case embedded(words: Int)
  case date
  /// Free text, of which the most frequent words become features.
  case text
  /// The column to predict, whose values are classes or real numbers.
  case label, target
  /// Says of each record which set it belongs to.
  case part
  /// Teaches nothing, for this reason.
  case ignored(String)

  /// The most words that become a feature each.
  static let categoryLimit = 30
  /// The most words of a text that become features.
  static let vocabulary = 300

  /// The numbers that a network reads of the column.
  var width: Int {
    switch self {
    case .number: 1
    case .category(let words): words
    case .embedded(let words): Self.vectorSize(of: words)
    case .date: 5
    case .text: Self.vocabulary
    case .label, .target, .part, .ignored: 0
    }
  }

  /// The numbers of a learned vector: 1.6 · words^0.56, a rule of thumb of fastai, at most 50.
  static func vectorSize(of words: Int) -> Int {
    var size = 4
    while size < 50, Double(size * size) < 2.56 * Double(words) { size += 1 }
    return size
  }

  /// A column that is not to be predicted.
  init(_ column: TableSummary.Column, records: Int) {
    let filled = records - column.missing
    let isUnique = column.values.map { $0.count == filled } ?? true
    if filled == 0 {
      self = .ignored("no record has a value")
    } else if 20 * filled < records {
      self = .ignored("only \(filled) of \(records) records have a value")
    } else if column.values?.count == 1 {
      self = .ignored("all records have the same value")
    } else if column.holdsParts {
      self = .part
    } else {
      switch column.content {
      case .numbers:
        self =
          column.isCounter && records > 2
          ? .ignored("each number is one more than that before: it counts the records") : .number
      case .dates: self = .date
      case .words(let count):
        if let count, count <= Self.categoryLimit, 2 * count <= filled {
          self = .category(words: count)
        } else if column.wordsInValue >= 3 {
          self = .text
        } else if isUnique || column.values.map({ 2 * $0.count > filled }) ?? true {
          self = .ignored("nearly every record has another word")
        } else {
          self = .embedded(words: count ?? filled)
        }
      }
    }
  }
}

extension TableSummary.Column {
  /// Whether its words say which set a record belongs to.
  fileprivate var holdsParts: Bool {
    guard case .words = content, let values else { return false }
    let words = Set(values.map { $0.value.lowercased() })
    return words.contains("train") && words.contains("test")
      && words.isSubset(of: ["train", "test", "validation", "valid", "val", "dev"])
  }

  /// Whether its values are classes: words, or a few whole numbers that repeat.
  var holdsClasses: Bool {
    switch content {
    case .words: true
    case .dates: false
    case .numbers:
      isWhole
        && (values.map { $0.count <= 10 && 2 * $0.count <= $0.reduce(0) { $0 + $1.records } }
          ?? false)
    }
  }
}
