internal import Diagnostics

/// Reads the records of a CSV file (RFC 4180), one after the other.
///
/// Quotes, line breaks inside them, LF or CRLF, and a byte-order mark are understood; empty lines
/// are skipped.
final class CSVRecords {
  let path: String
  /// The line at which the last record began, from 1.
  private(set) var line = 0
  private let stream: ByteStream
  private let separator: UInt8
  private var nextLine = 1
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)
  private var unread = 0..<0
  private var bytes: [UInt8] = []
  private var ends: [Int] = []

  /// Longer records come from a quote without an end.
  private static let lengthLimit = 1 << 24

  init(_ path: String, separator: UInt8) throws(Failure) {
    self.path = path
    stream = try ByteStream(path)
    self.separator = separator
    if try peek() == 0xef, buffer[unread].starts(with: [0xef, 0xbb, 0xbf]) {
      unread = unread.lowerBound + 3..<unread.upperBound
    }
  }

  /// The share of the file's bytes that have been read; nil where the end is not known.
  var share: Double? { stream.share }

  /// The fields of the next record, nil at the end.
  func next() throws(Failure) -> [String]? {
    repeat {
      guard try peek() != nil else { return nil }
      bytes.removeAll(keepingCapacity: true)
      ends.removeAll(keepingCapacity: true)
      line = nextLine
      while try readField() {}
    } while ends.count == 1 && bytes.isEmpty
    var start = 0
    return ends.map { end in
      defer { start = end }
      return String(decoding: bytes[start..<end], as: UTF8.self)
    }
  }

  /// A field of the last record as it is in the file, which may be no UTF-8.
  func bytes(ofField field: Int) -> [UInt8] {
    Array(bytes[(field == 0 ? 0 : ends[field - 1])..<ends[field]])
  }

  /// A failure at the last record.
  func failure(_ problem: String) -> Failure { Failure(.badData, "\(path):\(line): \(problem)") }

  /// Reads up to a separator (true), the end of the record or that of the file (false).
  private func readField() throws(Failure) -> Bool {
    defer { ends.append(bytes.count) }
    var wasQuoted = false
    if try peek() == Self.quote {
      try readQuoted()
      wasQuoted = true
    }
    while let byte = try take() {
      switch byte {
      case separator: return true
      case Self.newline, Self.carriageReturn:
        if byte == Self.carriageReturn, try peek() == Self.newline { _ = try take() }
        nextLine += 1
        return false
      default:
        guard !wasQuoted, byte != Self.quote else {
          throw failure("a quote stands inside a field: fields with quotes are quoted as a whole")
        }
        try append(byte)
      }
    }
    return false
  }

  private func readQuoted() throws(Failure) {
    _ = try take()
    while let byte = try take() {
      if byte == Self.quote {
        guard try peek() == Self.quote else { return }
        _ = try take()
      }
      if byte == Self.newline { nextLine += 1 }
      try append(byte)
    }
    throw failure("a quote that begins here is never closed")
  }

  private func append(_ byte: UInt8) throws(Failure) {
    guard bytes.count < Self.lengthLimit else {
      throw failure("the record is longer than \(Self.lengthLimit.asBytes)")
    }
    bytes.append(byte)
  }

  private static let quote = UInt8(ascii: "\"")
  private static let newline = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  private func peek() throws(Failure) -> UInt8? {
    if unread.isEmpty {
      let count = try unsafe buffer.withUnsafeMutableBufferPointer { bytes throws(Failure) in
        try unsafe stream.read(UnsafeMutableRawBufferPointer(bytes))
      }
      unread = 0..<count
    }
    return unread.isEmpty ? nil : buffer[unread.lowerBound]
  }

  private func take() throws(Failure) -> UInt8? {
    guard let byte = try peek() else { return nil }
    unread = unread.lowerBound + 1..<unread.upperBound
    return byte
  }
}
