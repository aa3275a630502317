internal import Diagnostics

/// A CSV file with the columns of a training file, found by name in any order.
final class CSVTable {
  let records: CSVRecords
  let columns: CSVColumns
  private let header: [String]
  /// The columns of the features, of the targets and of the weights.
  private let features: [Int]
  private let targets: [Int]
  private let weight: Int?
  /// The columns without which a record is left out.
  private let drops: [Int]
  private let writers: ColumnWriters
  /// The numbers of `columns.fields`; nothing else can reach them while a record is read.
  @exclusivity(unchecked) private(set) var fields: [FieldNumbers]
  /// Of a column of texts.
  let tokens: Tokeniser?
  private var encoder: TextEncoder?
  /// Of a column of translations.
  let targetTokens: Tokeniser?
  private var targetEncoder: TextEncoder?

  /// With targets a record without a value that must be there can be dropped; a word of a category
  /// that training does not know is none of its words, or an error.
  init(
    _ path: String, _ columns: CSVColumns, _ tokens: Tokeniser? = nil,
    _ targetTokens: Tokeniser? = nil, withTargets: Bool, takesUnknownWords: Bool = false,
    from source: CSVRecords? = nil
  ) throws(Failure) {
    let records =
      if let source { source } else { try CSVRecords(path, separator: columns.separator.byte) }
    let header = try records.header()
    let places = Dictionary(uniqueKeysWithValues: zip(header, header.indices))
    func place(_ name: String) throws(Failure) -> Int {
      guard let place = places[name] else {
        throw records.failure(
          "there is no column '\(name.clipped)', which the training data have"
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
    weight = try withTargets ? columns.weight.map(place) : nil
    drops = withTargets ? header.indices.filter { columns.drops.contains(header[$0]) } : []
    self.records = records
    self.columns = columns
    self.header = header
    self.features = features
    self.targets = targets
    unsafe fields = columns.fields.map { FieldNumbers(size: $0.size) }
    self.tokens = tokens
    encoder = tokens.map { TextEncoder($0) }
    self.targetTokens = targetTokens
    targetEncoder = targetTokens.map { TextEncoder($0) }
    var (writers, start) = (ColumnWriters(), 0)
    for (feature, column) in zip(columns.features, features) {
      writers.append(feature, column, at: start, takesUnknownWords: takesUnknownWords)
      start += feature.width
    }
    self.writers = writers
  }

  /// The next record, nil at the end.
  func next() throws(Failure) -> CSVRow? { try records.next(under: header) }

  /// Whether a record is left out.
  func drops(_ row: CSVRow) -> Bool { row.lacksValue(in: drops) }

  /// The number of symbols of all texts that are no tokens.
  var unknownCount: Int {
    [encoder, targetEncoder].reduce(0) { $0 + ($1?.unknownCount ?? 0) }
  }

  /// Writes the features of a record, and keeps its numbers of fields.
  func encode(_ row: CSVRow, into target: UnsafeMutableRawPointer) throws(Failure) {
    if let length = columns.textLength {
      return try unsafe encodeText(row, into: target, length: length)
    }
    try unsafe writers.write(row, into: target.assumingMemoryBound(to: Float.self))
    try unsafe writers.append(row, to: &fields)
  }

  /// Forgets the numbers of fields of all records so far.
  func forgetFields() {
    for place in unsafe fields.indices { unsafe fields[place].forget() }
  }

  private func encodeText(
    _ row: CSVRow, into target: UnsafeMutableRawPointer, length: Int
  ) throws(Failure) {
    let text = try row.text(features[0])
    var tokens: [Int32] = []
    _ = try encoder?.encode(text.span, isEnd: true, of: row.source, into: &tokens)
    let count = min(tokens.count, length)
    let places = unsafe target.assumingMemoryBound(to: Int32.self)
    for place in 0..<length { unsafe places[place] = place < count ? tokens[place] : 0 }
    unsafe fields[0].append(Int32(count))
  }

  /// Writes the class of a record.
  func encodeLabel(
    _ row: CSVRow, among classes: CSVWords, into target: UnsafeMutableRawPointer
  ) throws(Failure) {
    let label = try row.label(targets[0], among: classes)
    unsafe target.storeBytes(of: Int32(label), as: Int32.self)
  }

  /// Writes the tokens of a translation, its end, and -1 behind it; keeps the classes before each
  /// step, of which the end is the first and the last.
  func encodeTranslation(
    _ row: CSVRow, steps: Int, classes: Int, into target: UnsafeMutableRawPointer
  ) throws(Failure) {
    let text = try row.text(targets[0])
    var tokens: [Int32] = []
    _ = try targetEncoder?.encode(text.span, isEnd: true, of: row.source, into: &tokens)
    tokens.append(Int32(targetTokens?.size ?? 0))
    // Of a longer translation than those of training, only the beginning is there.
    let labels = tokens.prefix(steps) + [Int32](repeating: -1, count: max(0, steps - tokens.count))
    let places = unsafe target.assumingMemoryBound(to: Int32.self)
    for (place, label) in labels.enumerated() { unsafe places[place] = label }
    let end = Int32(classes - 1)
    unsafe fields[1].append(end)
    for label in labels.dropLast() { unsafe fields[1].append(label < 0 ? end : label) }
  }

  /// Writes the real targets of a record.
  func encodeTargets(_ row: CSVRow, into target: UnsafeMutableRawPointer) throws(Failure) {
    let numbers = unsafe target.assumingMemoryBound(to: Float.self)
    for (i, column) in targets.enumerated() {
      unsafe numbers[i] = Float(try row.number(column))
    }
  }

  /// The weight of a record; nil if all count the same.
  func weight(of row: CSVRow) throws(Failure) -> Float? { try weight.map(row.weight) }
}

/// The numbers that records give to a field of a dataset, one record after the other.
struct FieldNumbers {
  private var numbers: [Int32] = []
  /// The number of records that were forgotten.
  private var first = 0
  /// The numbers of a record.
  private let size: Int

  init(size: Int) { self.size = size }

  mutating func append(_ number: Int32) { numbers.append(number) }

  mutating func forget() {
    first += numbers.count / size
    numbers.removeAll(keepingCapacity: true)
  }

  /// Copies those of some records that are not forgotten.
  func copy(_ records: Range<Int>, to target: UnsafeMutableRawBufferPointer) {
    let places = (records.lowerBound - first) * size..<(records.upperBound - first) * size
    unsafe numbers[places].withUnsafeBytes { unsafe target.copyMemory(from: $0) }
  }
}
