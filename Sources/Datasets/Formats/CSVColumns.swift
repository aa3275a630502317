internal import Configuration
internal import Diagnostics

/// How the columns of a table become numbers, as measured on the training file.
package struct CSVColumns: Equatable, Sendable {
  package let features: [Feature]
  package let target: Target
  package let separator: CSVSeparator
  /// Nil if a sample is one row.
  package let window: SeriesWindow?
  /// The columns without which a record of a file to learn from or to be tested with is left out.
  let drops: [String]
  /// The column of the samples' weights.
  let weight: String?

  package struct Feature: Equatable, Sendable {
    package let name: String
    package let content: Encoding
    /// Whether one more number says by 1 that the value was missing.
    let hasIndicator: Bool

    package init(name: String, content: Encoding, hasIndicator: Bool = false) {
      self.name = name
      self.content = content
      self.hasIndicator = hasIndicator
    }

    /// The numbers in a sample, or in a step of one.
    var width: Int { content.width + (hasIndicator ? 1 : 0) }

    /// The names of these numbers; tokens have none.
    var names: [String] {
      (content.kind?.names(of: name) ?? []) + (hasIndicator ? ["\(name) missing"] : [])
    }
  }

  package enum Encoding: Equatable, Sendable {
    case number(NumberColumn)
    case category(CategoryColumn)
    case embedded(EmbeddedColumn)
    case date(DateColumn)
    case words(WordsColumn)
    /// A text becomes this many tokens.
    case text(length: Int)

    /// Nil of tokens, which are no features.
    var kind: (any ColumnKind)? {
      switch self {
      case .number(let column): column
      case .category(let column): column
      case .embedded(let column): column
      case .date(let column): column
      case .words(let column): column
      case .text: nil
      }
    }

    var width: Int { if case .text(let length) = self { length } else { kind?.width ?? 0 } }
  }

  /// The column of classes, those of real targets, or that of the translation of a text: its tokens
  /// and its end, in so many steps, are the classes.
  package enum Target: Equatable, Sendable {
    case label(String)
    case targets([String])
    case translation(String, steps: Int, classes: Int)
  }

  package init(
    features: [Feature], target: Target, separator: CSVSeparator, window: SeriesWindow? = nil,
    drops: [String] = [], weight: String? = nil
  ) {
    self.features = features
    self.target = target
    self.separator = separator
    self.window = window
    self.drops = drops
    self.weight = weight
  }

  /// The names of the numbers in a sample, or in a step of one; each word of a category has one,
  /// tokens have none.
  package var names: [String] {
    features.flatMap(\.names) + (window?.calendar.flatMap(\.names) ?? [])
  }

  /// The number of numbers in a sample, or in a step of one.
  package var width: Int {
    features.reduce(0) { $0 + $1.width } + (window?.calendarWidth ?? 0)
  }

  /// Of a sample.
  package var shape: [Int] { (window.map { [$0.length] } ?? []) + [width] }

  /// The tokens of a sample if it is a text.
  var textLength: Int? {
    if case .text(let length)? = features.first?.content { length } else { nil }
  }

  var number: Dataset.Number { textLength == nil ? .float32 : .int32 }

  /// The arrays beside samples and targets: numbers of embedded words, or the lengths of texts and
  /// what a decoder reads.
  var fields: [Field] {
    guard textLength != nil else {
      return features.compactMap { feature in
        if case .embedded(let column) = feature.content {
          column.field(of: feature.name)
        } else {
          nil
        }
      }
    }
    let lengths = Field(TokenPairs.lengths, [], .int32, .named)
    guard case .translation(_, let steps, let classes) = target else { return [lengths] }
    return [lengths, Field(TokenPairs.previous, [steps], .int32, .named, entries: classes)]
  }

  /// The names of the real targets of a sample.
  package var targetNames: [String] {
    guard case .targets(let names) = target else { return [] }
    guard let window else { return names }
    return (1...window.horizon).flatMap { step in names.map { "\($0) +\(step)" } }
  }
}

/// The character between the fields of a table.
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
