internal import Diagnostics

/// Turns a file with a JSON object or array in each line into the records of a table.
///
/// An object has values by the names of columns, an array those of a sample in their order. Records
/// are written as a CSV file has them, so that values are read, and problems named, in one way.
final class JSONLines: ByteSource {
  private let stream: ByteStream
  /// The columns of objects; empty if there are only arrays.
  private let columns: [String]
  private let places: [String: Int]
  private let separator: UInt8
  private var line = 0
  /// What is read of the file, and from where it is not looked at yet.
  private var bytes: [UInt8] = []
  private var start = 0
  private var hasEnded = false
  /// The records, and from where they are not taken yet.
  private var records: [UInt8] = []
  private var taken = 0

  private static let lengthLimit = 1 << 26
  private static let newline = UInt8(ascii: "\n")

  /// Whether a file begins with an object or an array.
  static func isKind(of stream: ByteStream) throws(Failure) -> Bool {
    let first = try stream.head(256).first { ![9, 10, 13, 32].contains($0) }
    return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
  }

  /// The records of a file, with a header of the columns if there are some.
  static func records(
    of stream: ByteStream, columns: [String], separator: UInt8
  ) throws(Failure) -> CSVRecords {
    // The header stands before the first line.
    try CSVRecords(
      JSONLines(stream, columns, separator), separator: separator,
      firstLine: columns.isEmpty ? 1 : 0)
  }

  private init(_ stream: ByteStream, _ columns: [String], _ separator: UInt8) {
    self.stream = stream
    self.columns = columns
    self.separator = separator
    places = Dictionary(zip(columns, 0...)) { first, _ in first }
    if !columns.isEmpty { append(columns.map { Array($0.utf8) }) }
  }

  var path: String { stream.path }
  var share: Double? { stream.share }

  func read(_ target: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
    var count = 0
    while count < target.count {
      if taken == records.count {
        records.removeAll(keepingCapacity: true)
        taken = 0
        guard try appendNextLine() else { break }
      }
      let part = records[taken..<min(records.count, taken + target.count - count)]
      unsafe UnsafeMutableRawBufferPointer(rebasing: target[count...]).copyBytes(from: part)
      count += part.count
      taken += part.count
    }
    return count
  }

  /// Appends the record of the next line; false at the end.
  private func appendNextLine() throws(Failure) -> Bool {
    var searched = start
    while true {
      if let end = bytes[searched...].firstIndex(of: Self.newline) {
        try append(line: bytes[start..<end])
        start = end + 1
        return true
      }
      searched = bytes.count
      if hasEnded {
        guard start < bytes.count else { return false }
        try append(line: bytes[start...])
        start = bytes.count
        return true
      }
      searched -= start
      try fill()
    }
  }

  private func fill() throws(Failure) {
    bytes.removeFirst(start)
    start = 0
    guard bytes.count < Self.lengthLimit else {
      throw failure("the line is longer than \(Self.lengthLimit.asBytes)")
    }
    let (end, size) = (bytes.count, max(1 << 18, bytes.count))
    bytes += [UInt8](repeating: 0, count: size)
    let count = try unsafe bytes.withUnsafeMutableBufferPointer { bytes throws(Failure) in
      try unsafe stream.read(
        UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: bytes[end...])))
    }
    bytes.removeLast(size - count)
    hasEnded = count < size
  }

  private func append(line text: ArraySlice<UInt8>) throws(Failure) {
    line += 1
    var scanner = JSONLineScanner(text)
    do throws(JSONLineScanner.Problem) {
      guard let first = scanner.first else {
        // The numbers of lines stay right.
        records.append(Self.newline)
        return
      }
      var fields: [[UInt8]]
      if first == UInt8(ascii: "[") {
        fields = try scanner.array()
        guard !fields.isEmpty else { throw JSONLineScanner.Problem("the array is empty") }
      } else {
        guard first == UInt8(ascii: "{"), !columns.isEmpty else {
          throw JSONLineScanner.Problem(
            columns.isEmpty
              ? "expected an array with the numbers of a sample" : "expected an object or an array")
        }
        fields = [[UInt8]](repeating: [], count: columns.count)
        try scanner.object(places) { fields[$0] = $1 }
        if fields.allSatisfy(\.isEmpty) {
          throw JSONLineScanner.Problem(
            "the object has no value for \(columns.count > 1 ? "any of " : "")"
              + columns.map { "'\($0)'" }.joined(separator: ", "))
        }
      }
      try scanner.end()
      append(fields)
    } catch { throw failure(error.text) }
  }

  private func append(_ fields: [[UInt8]]) {
    let quote = UInt8(ascii: "\"")
    for field in fields {
      records.append(quote)
      for byte in field {
        if byte == quote { records.append(quote) }
        records.append(byte)
      }
      records.append(quote)
      records.append(separator)
    }
    records[records.count - 1] = Self.newline
  }

  private func failure(_ problem: String) -> Failure {
    Failure(.badData, "\(path):\(line): \(problem)")
  }
}
