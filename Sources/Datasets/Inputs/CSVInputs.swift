internal import Diagnostics

/// The rows of a CSV file with a header, or JSON objects by the names of columns; there may be the
/// columns of the targets or not.
final class TableInput: InputSamples {
  private let table: CSVTable
  /// The places of the coding's fields among those of the table.
  private let places: [Int]

  /// `fields` are those of a coding, which may be fewer than the columns give.
  init(
    _ path: String, _ columns: CSVColumns, _ tokens: Tokeniser?, fields: [Field]
  ) throws(Failure) {
    let stream = try ByteStream(path)
    let separator = columns.separator.byte
    var names: [String] = []
    for name in columns.features.map(\.name) where !names.contains(name) { names.append(name) }
    let records =
      try JSONLines.isKind(of: stream)
      ? JSONLines.records(of: stream, columns: names, separator: separator)
      : CSVRecords(stream, separator: separator)
    table = try CSVTable(path, columns, tokens, withTargets: false, from: records)
    places = fields.compactMap { columns.fields.firstIndex(of: $0) }
  }

  var unknownCount: Int { table.unknownCount }
  var share: Double? { table.records.share }

  func read(_ limit: Int, into target: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
    table.forgetFields()
    for sample in 0..<limit {
      guard let start = target.baseAddress, let row = try table.next() else { return sample }
      try unsafe table.encode(row, into: start + 4 * sample * table.columns.width)
    }
    return limit
  }

  func read(
    _ samples: Range<Int>, ofField place: Int, into target: UnsafeMutableRawBufferPointer
  ) {
    unsafe table.fields[places[place]].copy(samples, to: target)
  }
}

/// A sample in each line of a CSV file without header, or a JSON array, for data that are no table.
final class NumbersInput: InputSamples {
  private let records: CSVRecords
  private let coding: SampleCoding
  private let size: Int
  private let names: [String]
  private var isFirst = true

  /// `targets` is the number of fields after those of the sample.
  init(_ path: String, _ coding: SampleCoding, targets: Int = 0) throws(Failure) {
    let (stream, separator) = (try ByteStream(path), CSVSeparator.comma.byte)
    records =
      try JSONLines.isKind(of: stream)
      ? JSONLines.records(of: stream, columns: [], separator: separator)
      : CSVRecords(stream, separator: separator)
    self.coding = coding
    size = coding.shape.reduce(1, *)
    names = (1...size + targets).map(String.init)
  }

  var share: Double? { records.share }

  func read(_ limit: Int, into target: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
    for sample in 0..<limit {
      guard try unsafe next(sample, into: target) != nil else { return sample }
    }
    return limit
  }

  /// Reads the next line into the place of a sample; nil at the end.
  func next(
    _ sample: Int, into target: UnsafeMutableRawBufferPointer
  ) throws(Failure) -> CSVRow? {
    guard try records.next() else { return nil }
    if isFirst, records.count == names.count,
      names.indices.allSatisfy({ records[$0].number() == nil })
    {
      throw records.failure(
        "found a header, none is expected: the columns of this model have no names; leave the line "
          + "out, so that each holds the \(size.grouped) numbers of a sample")
    }
    isFirst = false
    guard records.count == names.count else {
      let targets = names.count - size
      throw records.failure(
        "expected \(size.grouped) numbers for a sample of \(coding.shape.text)"
          + (targets > 0 ? " and \(targets.grouped) for its target" : "")
          + ", found \(records.count.grouped) fields")
    }
    let row = CSVRow(header: names, records: records)
    for column in 0..<size {
      let number = try row.number(column)
      let offset = sample * coding.sampleBytes + column * coding.number.size
      switch coding.number {
      case .float32:
        unsafe target.storeBytes(of: Float(number), toByteOffset: offset, as: Float.self)
      case .int32:
        guard let integer = Int32(exactly: number) else {
          throw records.failure(
            "column \(column + 1) holds \(row[column].text), expected a whole number of 32 bits")
        }
        unsafe target.storeBytes(of: integer, toByteOffset: offset, as: Int32.self)
      case .uint8:
        guard let byte = UInt8(exactly: number) else {
          throw records.failure(
            "column \(column + 1) holds \(row[column].text), expected a whole number from 0 to 255")
        }
        unsafe target[offset] = byte
      }
    }
    return row
  }
}
