internal import Diagnostics

/// The rows of a table with a header; what is to be predicted may stand in it or not.
final class TableInput: InputSamples {
  private let table: CSVTable

  init(_ path: String, _ columns: CSVColumns) throws(Failure) {
    table = try CSVTable(path, columns, withAnswers: false)
  }

  func read(_ limit: Int, into target: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
    let numbers = unsafe target.assumingMemoryBound(to: Float.self)
    for sample in 0..<limit {
      guard let start = numbers.baseAddress, let row = try table.next() else { return sample }
      try unsafe table.encode(row, into: start + sample * table.columns.width)
    }
    return limit
  }
}

/// A sample in each line of a text file without header: its numbers with commas between them, as a
/// dataset of another kind holds them.
final class NumbersInput: InputSamples {
  private let records: CSVRecords
  private let coding: SampleCoding
  private let names: [String]
  private var isFirst = true

  init(_ path: String, _ coding: SampleCoding) throws(Failure) {
    records = try CSVRecords(path, separator: CSVSeparator.comma.byte)
    self.coding = coding
    names = (1...coding.shape.reduce(1, *)).map(String.init)
  }

  func read(_ limit: Int, into target: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
    for sample in 0..<limit {
      guard let fields = try records.next() else { return sample }
      if isFirst, fields.count == names.count, fields.allSatisfy({ Double($0) == nil }) {
        throw records.failure(
          "found a header, none is expected: the columns of this model have no names; leave the line "
            + "out, so that each holds the \(names.count.grouped) numbers of a sample")
      }
      isFirst = false
      guard fields.count == names.count else {
        throw records.failure(
          "expected \(names.count.grouped) numbers for a sample of \(coding.shape.text), found "
            + "\(fields.count.grouped) fields")
      }
      let row = CSVRow(fields, names, records)
      for column in names.indices {
        let number = try row.number(column)
        let offset = sample * coding.sampleBytes + column * coding.number.size
        switch coding.number {
        case .float32:
          unsafe target.storeBytes(of: Float(number), toByteOffset: offset, as: Float.self)
        case .uint8:
          guard let byte = UInt8(exactly: number) else {
            throw records.failure(
              "column \(column + 1) holds \(fields[column]), expected a whole number from 0 to 255")
          }
          unsafe target[offset] = byte
        }
      }
    }
    return limit
  }
}
