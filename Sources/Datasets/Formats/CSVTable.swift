internal import Diagnostics

/// A CSV file whose columns are those of a training file, found by their names in any order.
final class CSVTable {
  let records: CSVRecords
  let columns: CSVColumns
  private let header: [String]
  /// Where each feature and each part of the answer stands.
  private let features: [Int]
  private let answers: [Int]

  init(
    _ path: String, _ columns: CSVColumns, withAnswers: Bool
  ) throws(Failure) {
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
    var answers: [Int] = []
    if withAnswers {
      switch columns.answer {
      case .label(let name): answers = [try place(name)]
      case .targets(let names): for name in names { answers.append(try place(name)) }
      }
    }
    self.records = records
    self.columns = columns
    self.header = header
    self.features = features
    self.answers = answers
  }

  /// The next record, nil at the end.
  func next() throws(Failure) -> CSVRow? { try records.next(under: header) }

  /// Puts down the features of a record.
  func encode(_ row: CSVRow, into target: UnsafeMutablePointer<Float>) throws(Failure) {
    var place = 0
    for (feature, column) in zip(columns.features, features) {
      switch feature.content {
      case .number(let mean, let deviation):
        unsafe target[place] = Float((try row.number(column) - mean) / deviation)
      case .category(let words):
        let found = try row.index(column, among: words)
        for i in words.indices { unsafe target[place + i] = i == found ? 1 : 0 }
      }
      place += feature.content.width
    }
  }

  /// Puts down the class of a record.
  func encodeLabel(
    _ row: CSVRow, among classes: [String], into target: UnsafeMutableRawPointer
  ) throws(Failure) {
    let label = try row.index(answers[0], among: classes)
    unsafe target.storeBytes(of: Int32(label), as: Int32.self)
  }

  /// Puts down the real numbers that are to be predicted.
  func encodeTargets(_ row: CSVRow, into target: UnsafeMutableRawPointer) throws(Failure) {
    let numbers = unsafe target.assumingMemoryBound(to: Float.self)
    for (i, column) in answers.enumerated() {
      unsafe numbers[i] = Float(try row.number(column))
    }
  }
}
