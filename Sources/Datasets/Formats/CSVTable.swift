internal import Diagnostics

/// A CSV file with the columns of a training file, found by name in any order.
final class CSVTable {
  let records: CSVRecords
  let columns: CSVColumns
  private let header: [String]
  /// The columns of the features and of the targets.
  private let features: [Int]
  private let targets: [Int]
  /// Of a column of texts.
  let tokens: Tokeniser?
  private var encoder: TextEncoder?
  /// Of a column of translations.
  let targetTokens: Tokeniser?
  private var targetEncoder: TextEncoder?
  /// Whether a word that training does not know is none of the words; else it is an error.
  private let takesUnknownWords: Bool

  init(
    _ path: String, _ columns: CSVColumns, _ tokens: Tokeniser? = nil,
    _ targetTokens: Tokeniser? = nil, withTargets: Bool, takesUnknownWords: Bool = false
  ) throws(Failure) {
    self.takesUnknownWords = takesUnknownWords
    let records = try CSVRecords(path, separator: columns.separator.byte)
    let header = try records.header()
    func place(_ name: String) throws(Failure) -> Int {
      guard let place = header.firstIndex(of: name) else {
        throw records.failure(
          "there is no column '\(name)', which the training data have"
            + Suggestion.hint(for: name, among: header))
      }
      return place
    }
    var features: [Int] = []
    for feature in columns.features { features.append(try place(feature.name)) }
    var targets: [Int] = []
    if withTargets {
      switch columns.target {
      case .label(let name), .translation(let name, _, _): targets = [try place(name)]
      case .targets(let names): for name in names { targets.append(try place(name)) }
      }
    }
    self.records = records
    self.columns = columns
    self.header = header
    self.features = features
    self.targets = targets
    self.tokens = tokens
    encoder = tokens.map { TextEncoder($0) }
    self.targetTokens = targetTokens
    targetEncoder = targetTokens.map { TextEncoder($0) }
  }

  /// The next record, nil at the end.
  func next() throws(Failure) -> CSVRow? { try records.next(under: header) }

  /// The number of symbols of all texts that are no tokens.
  var unknownCount: Int {
    [encoder, targetEncoder].reduce(0) { $0 + ($1?.unknownCount ?? 0) }
  }

  /// Writes the features of a record; returns their number, for a text that of its tokens.
  func encode(_ row: CSVRow, into target: UnsafeMutableRawPointer) throws(Failure) -> Int32 {
    if let length = columns.textLength {
      return try unsafe encodeText(row, into: target, length: length)
    }
    let target = unsafe target.assumingMemoryBound(to: Float.self)
    var place = 0
    for (feature, column) in zip(columns.features, features) {
      switch feature.content {
      case .number(let mean, let deviation):
        unsafe target[place] = Float((try row.number(column) - mean) / deviation)
      case .category(let words):
        let found =
          takesUnknownWords
          ? words.firstIndex(of: try row.word(column)) : try row.index(column, among: words)
        for i in words.indices { unsafe target[place + i] = i == found ? 1 : 0 }
      case .text: preconditionFailure("a text beside other features")
      }
      place += feature.content.width
    }
    return Int32(place)
  }

  private func encodeText(
    _ row: CSVRow, into target: UnsafeMutableRawPointer, length: Int
  ) throws(Failure) -> Int32 {
    let text = try row.text(features[0])
    var tokens: [Int32] = []
    _ = try encoder?.encode(text.span, isEnd: true, of: row.source, into: &tokens)
    let count = min(tokens.count, length)
    let places = unsafe target.assumingMemoryBound(to: Int32.self)
    for place in 0..<length { unsafe places[place] = place < count ? tokens[place] : 0 }
    return Int32(count)
  }

  /// Writes the class of a record.
  func encodeLabel(
    _ row: CSVRow, among classes: [String], into target: UnsafeMutableRawPointer
  ) throws(Failure) {
    let label = try row.index(targets[0], among: classes)
    unsafe target.storeBytes(of: Int32(label), as: Int32.self)
  }

  /// Writes the tokens of a translation, its end, and -1 behind it; returns them.
  func encodeTranslation(
    _ row: CSVRow, steps: Int, into target: UnsafeMutableRawPointer
  ) throws(Failure) -> [Int32] {
    let text = try row.text(targets[0])
    var tokens: [Int32] = []
    _ = try targetEncoder?.encode(text.span, isEnd: true, of: row.source, into: &tokens)
    tokens.append(Int32(targetTokens?.size ?? 0))
    // Of a longer translation than those of training, only the beginning is there.
    let labels = tokens.prefix(steps) + [Int32](repeating: -1, count: max(0, steps - tokens.count))
    let places = unsafe target.assumingMemoryBound(to: Int32.self)
    for (place, label) in labels.enumerated() { unsafe places[place] = label }
    return Array(labels)
  }

  /// Writes the real targets of a record.
  func encodeTargets(_ row: CSVRow, into target: UnsafeMutableRawPointer) throws(Failure) {
    let numbers = unsafe target.assumingMemoryBound(to: Float.self)
    for (i, column) in targets.enumerated() {
      unsafe numbers[i] = Float(try row.number(column))
    }
  }
}
